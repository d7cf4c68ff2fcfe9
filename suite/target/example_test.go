package target_test

import (
	"context"
	"fmt"
	"log"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/target"
)

// A program that listens on the port that it is given is started, judged, and stopped.
func ExampleStart() {
	ctx := context.Background()
	launcher, err := target.NewLauncher("socat TCP-LISTEN:{port},bind={host},reuseaddr,fork EXEC:cat", target.LauncherOptions{})
	if err != nil {
		log.Fatal(err)
	}
	server, err := target.Start(ctx, launcher)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close(ctx)
	r, err := suite.Run(ctx, suite.Config{Target: server, Dialect: "echo", Only: "LIFE-1,FRAM-1..3"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Sentence)
}
