// The stack of ../typescript/app.ts in Go. Run it in the folder that contains handlers/.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	streamer "github.com/cdk-streamer/cdk-streamer-go/cdkstreamer"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Languages"), nil)

	api := streamer.NewStreamerApi(stack, jsii.String("Streamer"), &streamer.StreamerApiProps{
		Auth: streamer.StreamerAuth_Jwt(&streamer.JwtAuthOptions{
			Issuer:   jsii.String("https://auth.example.com/"),
			Audience: jsii.Strings("my-app"),
		}),
		ProjectRoot: jsii.String("."),
		Handlers: &map[string]streamer.StreamerHandler{
			"echo": streamer.StreamerHandler_Sync(jsii.String("handlers/echo.ts"), nil),
			"count": streamer.StreamerHandler_Async(jsii.String("handlers/count.ts"), &streamer.AsyncHandlerOptions{
				Timeout:     awscdk.Duration_Minutes(jsii.Number(10)),
				Retry: &streamer.RetryPolicy{
					MaxAttempts: jsii.Number(5),
					Base:        awscdk.Duration_Seconds(jsii.Number(2)),
				},
				Environment: &map[string]*string{"STEP": jsii.String("1")},
			}),
		},
		Retention:     awscdk.Duration_Days(jsii.Number(30)),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	stack.ExportValue(api.Url(), &awscdk.ExportValueOptions{Name: jsii.String("Url")})

	app.Synth(nil)
}
