"""The stack of ../typescript/app.ts in Python. Run it in the folder that contains handlers/."""

from aws_cdk import App, Duration, RemovalPolicy, Stack
from cdk_streamer import RetryPolicy, StreamerApi, StreamerAuth, StreamerHandler

app = App(analytics_reporting=False)
stack = Stack(app, "Languages")

api = StreamerApi(
    stack,
    "Streamer",
    auth=StreamerAuth.jwt(issuer="https://auth.example.com/", audience=["my-app"]),
    project_root=".",
    handlers={
        "echo": StreamerHandler.sync("handlers/echo.ts"),
        "count": StreamerHandler.async_(
            "handlers/count.ts",
            timeout=Duration.minutes(10),
            retry=RetryPolicy(max_attempts=5, base=Duration.seconds(2)),
            environment={"STEP": "1"},
        ),
    },
    retention=Duration.days(30),
    removal_policy=RemovalPolicy.DESTROY,
)
stack.export_value(api.url, name="Url")

app.synth()
