package suite_test

import "testing"

// goTest stands for go test in an example: TestExamples runs what it is given.
func goTest(test func(t *testing.T)) { exampleTests = append(exampleTests, test) }

var exampleTests []func(t *testing.T)

// TestExamples runs the tests that the examples show.
func TestExamples(t *testing.T) {
	ExampleTest()
	ExampleTest_listener()
	ExampleTest_http()
	ExampleTest_handler()
	if len(exampleTests) != 4 {
		t.Fatalf("%d tests", len(exampleTests))
	}
	for _, test := range exampleTests {
		t.Run("TestServer", func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}
