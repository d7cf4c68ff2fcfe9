package suite_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// serveFault returns a target with a server of this process that has the fault.
func serveFault(t *testing.T, fault, name string) *target.Target {
	t.Helper()
	s, err := faulty.NewServer(fault, name, reference.Config{Addr: "127.0.0.1:0"})
	if err == nil {
		err = s.Listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.ServeForever() }() // which says that it was closed
	t.Cleanup(func() { _ = s.Close() })
	return target.InProcess(fault, s.Addr().String(), nil, nil, 0)
}

// TestUnderGoTest is the door for go test, over a right server, in the three lines of the documentation.
func TestUnderGoTest(t *testing.T) {
	server := reference.NewTCPServer(reference.Config{Handler: reference.Echo})
	suite.Test(t, suite.Config{Dialect: "echo", Strict: true, Serve: server.Serve})
}

// TestResultsOneByOne: the results that are waited for one by one are those of the report, whoever asks first; what was not selected is
// none.
func TestResultsOneByOne(t *testing.T) {
	t.Parallel()
	cfg := suite.Config{Target: serveFault(t, "read-is-message", "line"), Dialect: "line", Only: "FRAM-1..4,CLOS-1"}
	r, err := suite.Begin(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]report.Verdict{}
	all := r.Requirements()
	slices.Reverse(all)
	for _, req := range all {
		res, ok := r.Result(req.ID)
		if !ok || res.ID != req.ID {
			t.Errorf("%s: %t, %s", req.ID, ok, res.ID)
		}
		got[req.ID] = res.Verdict
	}
	if _, ok := r.Result("LINE-1"); ok {
		t.Error("what was not selected has a result")
	}
	rep := r.Report()
	if len(rep.Results) != len(got) || rep.First != "FRAM-2" || !strings.Contains(rep.Likely, "a read is taken for a message") {
		t.Errorf("%d results, begin with %s: %s", len(rep.Results), rep.First, rep.Likely)
	}
	for _, res := range rep.Results {
		if got[res.ID] != res.Verdict {
			t.Errorf("%s: %s one by one, and %s in the report", res.ID, got[res.ID], res.Verdict)
		}
	}
}

// TestWhere: one and only one thing says where the server is.
func TestWhere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		cfg  suite.Config
		want string
	}{
		{suite.Config{}, "nothing says where the server is"},
		{suite.Config{Addr: "127.0.0.1:1", Listener: l}, "more than one of Serve, Listener, Addr and Target"},
		{suite.Config{Listener: l, Only: "FARM-1"}, "did you mean FRAM-1"},
		{suite.Config{Listener: l}, ""},
	} {
		err := c.cfg.Validate()
		if wrong := (*suite.ConfigError)(nil); c.want == "" && err != nil || c.want != "" && (!errors.As(err, &wrong) || !strings.Contains(wrong.Text, c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// prefixed is a dialect of a test's own: each message is two bytes of length, the most significant first, and so many bytes, and
// comes back as it is. It can do little more than predict, and no family knows of it.
type prefixed struct{}

func (prefixed) Name() string { return "prefixed" }
func (prefixed) Summary() string {
	return "answers each message, two bytes of length and its bytes, with itself"
}

func message(text string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)
}

func (prefixed) Predict(input []byte) dialect.Prediction {
	used := 0
	for len(input)-used >= 2 {
		n := 2 + int(binary.BigEndian.Uint16(input[used:]))
		if len(input)-used < n {
			break
		}
		used += n
	}
	return dialect.Prediction{Answers: [][]byte{input[:used:used]}, End: dialect.ByClient, Used: used, Due: input[:used:used]}
}

func (d prefixed) session(name string, messages ...string) dialect.Session {
	var request []byte
	for _, m := range messages {
		request = append(request, message(m)...)
	}
	return dialect.Session{Name: name, Request: request, Answers: d.Predict(request).Answers, End: dialect.ByClient}
}

func (d prefixed) Plain(id string) dialect.Session  { return d.session("a message", id) }
func (d prefixed) Ending(id string) dialect.Session { return d.session("a message", id) }
func (d prefixed) Turns(id string, n int) []dialect.Turn {
	turns := make([]dialect.Turn, n)
	for i := range turns {
		m := message(fmt.Sprintf("%s-%d", id, i))
		turns[i] = dialect.Turn{Request: m, Answer: m}
	}
	return turns
}
func (d prefixed) Joined(turns []dialect.Turn) dialect.Session {
	var request []byte
	for _, t := range turns {
		request = append(request, t.Request...)
	}
	return dialect.Session{Name: "messages", Request: request, Answers: [][]byte{request}, End: dialect.ByClient}
}
func (d prefixed) Controls() []dialect.Session { return []dialect.Session{d.Plain("a")} }
func (d prefixed) Cuttable() []dialect.Session {
	return []dialect.Session{d.Plain("a"), d.session("messages", "one", "", strings.Repeat("x", 300))}
}
func (prefixed) Beginning(request []byte) []byte { return request[:len(request)*2/3] }
func (d prefixed) Batches() []dialect.Batch {
	b := dialect.Batch{Session: d.Joined(d.Turns("c", 3))}
	for i := range 3 {
		b.Starts = append(b.Starts, i*len(b.Request)/3)
	}
	return []dialect.Batch{b}
}
func (d prefixed) Closing(id string) []dialect.Session { return []dialect.Session{d.Plain(id)} }

// answerPrefixed answers the messages of a connection, as they come where it takes a read for a message.
func answerPrefixed(l net.Listener, readIsMessage bool) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, 2+1<<16)
			for readIsMessage {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if (prefixed{}).Predict(buf[:n]).Used == n {
					_, _ = c.Write(buf[:n]) // the client sees how far it comes
				}
			}
			for {
				if _, err := io.ReadFull(c, buf[:2]); err != nil {
					return
				}
				n := 2 + int(binary.BigEndian.Uint16(buf))
				if _, err := io.ReadFull(c, buf[2:n]); err != nil {
					return
				}
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// TestADialectOfOnesOwn: a further dialect costs no family a line. What it can do decides what it can show.
func TestADialectOfOnesOwn(t *testing.T) {
	t.Parallel()
	for _, readIsMessage := range []bool{false, true} {
		rep, err := suite.Run(t.Context(), suite.Config{Speaks: prefixed{}, Skip: "ROBU-2", Serve: func(l net.Listener) error { return answerPrefixed(l, readIsMessage) }})
		if err != nil {
			t.Fatal(err)
		}
		verdicts, told := map[string]report.Verdict{}, ""
		for _, res := range rep.Results {
			verdicts[res.ID] = res.Verdict
			told += fmt.Sprintf("%s %s %s\n", res.ID, res.Verdict, res.Reason)
		}
		for _, id := range []string{"LIFE-1", "LIFE-3", "CONC-1", "FRAM-1", "FRAM-2", "FRAM-3", "FRAM-4", "FRAM-5", "FRAM-7", "CLOS-1", "CLOS-3", "ROBU-5"} {
			if _, ok := verdicts[id]; !ok {
				t.Errorf("%s is not shown", id)
			}
		}
		for _, id := range []string{"READ-1", "LINE-1", "CODE-1", "SEND-1", "FRAM-6", "FRAM-8", "FLOW-3", "LIFE-4"} {
			if _, ok := verdicts[id]; ok {
				t.Errorf("%s is shown, and the dialect cannot do what it takes", id)
			}
		}
		want := report.Conformant
		if readIsMessage {
			want = report.NotConformant
			if verdicts["FRAM-1"] != report.Pass || verdicts["FRAM-2"] != report.Fail || rep.First != "FRAM-2" {
				t.Errorf("begin with %s: %s", rep.First, told)
			}
		}
		for _, res := range rep.Results {
			if res.Failure != nil && res.Failure.Again != "" {
				t.Errorf("%s: no command line gets there: %s", res.ID, res.Failure.Again)
			}
		}
		if rep.Conclusion != want || rep.Dialect != "prefixed" {
			t.Errorf("%s in %s: %s", rep.Sentence, rep.Dialect, told)
		}
	}
}

// poor is prefixed that says it can do what it then has no session for.
type poor struct{ prefixed }

func (poor) Turns(string, int) []dialect.Turn { return nil }
func (poor) Batches() []dialect.Batch         { return nil }
func (poor) Closing(string) []dialect.Session { return nil }
func (poor) Failing() []dialect.Session       { return nil }
func (poor) Marked() []dialect.Session        { return nil }
func (poor) Stream(...[]byte) []dialect.Turn  { return nil }

// TestADialectOfOnesOwnThatCanLittle: what a dialect has no session for is not shown, and not passed with nothing shown.
func TestADialectOfOnesOwnThatCanLittle(t *testing.T) {
	t.Parallel()
	rep, err := suite.Run(t.Context(), suite.Config{Speaks: poor{}, Only: "LIFE-3,LIFE-4,CONC-1,FRAM-1..6,FLOW-3,CLOS-3", Serve: func(l net.Listener) error { return answerPrefixed(l, false) }})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]report.Verdict{}
	for _, res := range rep.Results {
		verdicts[res.ID] = res.Verdict
		t.Log(res.ID, res.Verdict, res.Reason)
	}
	for id, want := range map[string]report.Verdict{
		"FRAM-2": report.Pass, "FRAM-3": report.Pass,
		"LIFE-3": report.Skip, "LIFE-4": report.Skip, "FRAM-4": report.Skip, "FRAM-6": report.Skip, "FLOW-3": report.Skip,
	} {
		if verdicts[id] != want {
			t.Errorf("%s: %s, want %s", id, verdicts[id], want)
		}
	}
}
