package example;

import io.github.cdkstreamer.AsyncHandlerOptions;
import io.github.cdkstreamer.JwtAuthOptions;
import io.github.cdkstreamer.RetryPolicy;
import io.github.cdkstreamer.StreamerApi;
import io.github.cdkstreamer.StreamerAuth;
import io.github.cdkstreamer.StreamerHandler;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.ExportValueOptions;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;

/** The stack of ../typescript/app.ts in Java. Run it in the folder that contains handlers/. */
public final class LanguagesApp {
    private LanguagesApp() {}

    public static void main(final String[] args) {
        final App app = App.Builder.create().analyticsReporting(false).build();
        final Stack stack = new Stack(app, "Languages");

        final StreamerApi api = StreamerApi.Builder.create(stack, "Streamer")
                .auth(StreamerAuth.jwt(JwtAuthOptions.builder()
                        .issuer("https://auth.example.com/")
                        .audience(List.of("my-app"))
                        .build()))
                .projectRoot(".")
                .handlers(Map.of(
                        "echo", StreamerHandler.sync("handlers/echo.ts"),
                        "count", StreamerHandler.async("handlers/count.ts", AsyncHandlerOptions.builder()
                                .timeout(Duration.minutes(10))
                                .retry(RetryPolicy.builder().maxAttempts(5).base(Duration.seconds(2)).build())
                                .environment(Map.of("STEP", "1"))
                                .build())))
                .retention(Duration.days(30))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        stack.exportValue(api.getUrl(), ExportValueOptions.builder().name("Url").build());

        app.synth();
    }
}
