package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/exchange/observed"
)

// heard makes samples of these answers, in which CONN is the connection's name.
func heard(answers ...string) []observed.Sample {
	var all []observed.Sample
	for i, a := range answers {
		conn := fmt.Sprintf("cab%07d", i)
		all = append(all, observed.Sample{Conn: conn, Answer: []byte(strings.ReplaceAll(a, "CONN", conn))})
	}
	return all
}

func TestLearn(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []observed.Sample
		like    string   // how it is shown for the connection c000000000
		masked  []string // what varies
		right   []string
		wrong   []string
	}{
		{"the same", heard("OK\r\n", "OK\r\n"), "OK\r\n", nil, []string{"OK\r\n"}, []string{"OK\r", "ok\r\n", "OK\r\n\r\n"}},
		{"nothing", heard("", ""), "", nil, []string{""}, []string{"x"}},
		{"the connection's name", heard("hi CONN!", "hi CONN!"), "hi c000000000!", nil, []string{"hi c000000000!"}, []string{"hi c000000001!"}},
		{"a counter", heard("job 9\r\n", "job 10\r\n"), "job ‹counter›\r\n", []string{"counter"}, []string{"job 123\r\n"}, []string{"job \r\n", "job x\r\n", "jab 9\r\n"}},
		{"a counter at the end", heard("job 11", "job 12"), "job ‹counter›", []string{"counter"}, []string{"job 99"}, []string{"job 9", "job 999"}},
		{"an id", heard("id=00ab12cd;", "id=77fe0199;"), "id=‹id›;", []string{"id"}, []string{"id=0123abcd;"}, []string{"id=0123abc;", "id=0123abcde;"}},
		{"an id of digits once", heard("id=12345678;", "id=1234567f;"), "id=‹id›;", []string{"id"}, []string{"id=0123abcd;"}, nil},
		{"a UUID", heard("f47ac10b-58cc-4372-a567-0e02b2c3d479\n", "0e984725-c51c-4bf4-9960-e1c80e27aba0\n"), "‹id›-‹id›-‹id›-‹id›-‹id›\n", []string{"id"}, nil, nil},
		{"base64", heard("key: q83v/EjRZ+eY==\r\n", "key: Q8a3v0jRZ/+Z==\r\n"), "key: ‹id›\r\n", []string{"id"}, []string{"key: ABCDabcd0123==\r\n"}, []string{"key: ABCDabcd012==\r\n"}},
		{"a date that was seen not to vary", heard("Date: Wed, 25 Nov 2026 06:53:25 GMT\r\n"), "Date: ‹date›\r\n", []string{"date"},
			[]string{"Date: Thu, 31 Dec 2026 23:59:59 GMT\r\n"}, []string{"Date: soon\r\n", "Date: Wed, 25 Nov 2026 06:53:25 GMT \r\n"}},
		{"other dates", heard("2026-11-25T06:53:25.123Z Wed Nov 25 06:53:25 2026 25-Nov-2026 06:53:25 +0000."), "‹date› ‹date› ‹date›.", []string{"date"}, nil, nil},
		{"what never varies", heard("abc 1.2.3"), "abc 1.2.3", nil, nil, []string{"abc 1.2.4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			learned, err := observed.Learn(c.samples, nil)
			if err != nil {
				t.Fatal(err)
			}
			const conn = "c000000000"
			example, like := learned.For(conn)
			shown := string(example)
			if like != nil {
				shown = like.String()
			}
			if shown != c.like || !slices.Equal(learned.Masked(), c.masked) {
				t.Errorf("it is %q, masked %q; want %q, %q", shown, learned.Masked(), c.like, c.masked)
			}
			matches := func(s string) bool {
				if like == nil {
					return s == string(example)
				}
				return like.Matches([]byte(s))
			}
			for _, s := range append(c.right, string(example)) {
				if !matches(s) {
					t.Errorf("%q is wrong", s)
				}
			}
			for _, s := range c.wrong {
				if matches(s) {
					t.Errorf("%q is right", s)
				}
			}
		})
	}
}

func TestUnstable(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []observed.Sample
		want    string
	}{
		{"words", heard("OK\r\n", "NO\r\n"), `the server's answers to the same whole message differ from byte 0 on: "OK\r\n", and "NO\r\n"; if they may, say by expect what must come`},
		{"words of one length without a digit", heard("say hello.", "say world."), `the server's answers to the same whole message differ from byte 4 on: "say hello.", and "say world."; if they may, add to the file masks: [{name: what varies, pattern: 'say\x20[a-z]{5}\.'}]`},
		{"a line more", heard("a\r\n", "a\r\nb\r\n"), `the server's answers to the same whole message differ from byte 3 on: "a\r\n", and "a\r\nb\r\n"; if they may, say by expect what must come`},
		{"binary", heard("id \x00\x01", "id \x00\x02"), `the server's answers to the same whole message differ from byte 4 on: "id \x00\x01", and "id \x00\x02"; if they may, add to the file masks: [{name: what varies, pattern: 'id\x20\x00[\x00-\xff]{1}'}]`},
		{"nothing once", heard("", "a"), `the server's answers to the same whole message differ from byte 0 on: "", and "a"; if they may, say by expect what must come`},
		{"a number and a word", heard("x 1.", "x a."), `the server's answers to the same whole message differ from byte 2 on: "x 1.", and "x a."; if they may, add to the file masks: [{name: what varies, pattern: 'x\x20[0-9a-f]{1}\.'}]`},
		{"a line less", heard("a\r\nb\r\n", "a\r\n"), `the server's answers to the same whole message differ from byte 3 on: "a\r\nb\r\n", and "a\r\n"; if they may, say by expect what must come`},
		{"a word behind the connection's name", heard("hi CONN x.", "hi CONN y."), `the server's answers to the same whole message differ from byte 14 on: "0000000 x.", and "0000001 y."; if they may, add to the file masks: [{name: what varies, pattern: '\x20[a-z]{1}\.'}]`},
		{"a word behind an id", heard("ab1c x.", "ab2c y."), `the server's answers to the same whole message differ from byte 5 on: "ab1c x.", and "ab2c y."; if they may, add to the file masks: [{name: what varies, pattern: 'ab[ -~]{4}\.'}]`},
		{"another's name", []observed.Sample{{Conn: "cab0000000", Answer: []byte("hi cab0000000")}, {Conn: "cab0000001", Answer: []byte("hi cab0000000")}}, `the server's answers to the same whole message differ from byte 13 on: "b0000000", and "b0000000"; if they may, say by expect what must come`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := observed.Learn(c.samples, nil)
			var u *observed.Unstable
			if !errors.As(err, &u) || err.Error() != c.want {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// TestSuggested holds that by the masks which are suggested the answers are the same, and others of their kind too, and that what is
// random is told by its numbers.
func TestSuggested(t *testing.T) {
	for name, c := range map[string]struct {
		samples []observed.Sample
		masks   string // "" where none are suggested
		others  []observed.Sample
		says    string
	}{
		"random bytes":         {heard("HELLO \xc3\xa9\x01\x02\n", "HELLO abcd\n", "HELLO \xff\r\x00\x7f\n"), `masks: [{name: what varies, pattern: 'HELLO\x20[\x00-\xff]{4}\n'}]`, heard("HELLO \x00\n\n\x00\n"), `"HELLO \xc3\xa9\x01\x02\n"`},
		"words of two lengths": {heard("a: fine now;\n", "a: not yet;\n"), `masks: [{name: what varies, pattern: 'a:\x20[ -~]+;\n'}]`, heard("a: soon;\n"), ""},
		"two places":           {heard("x=aa.\ny=b'b.\n", "x=cc.\ny=d'd.\n"), `masks: [{name: what varies, pattern: 'x=[0-9a-f]{2}\.\n'}, {name: what varies, pattern: 'y=[!-~]{3}\.\n'}]`, heard("x=ee.\ny=''f.\n"), ""},
		"beside the connection's name and a date": {heard("CONN at 2026-11-25T06:53:25Z is up;\n", "CONN at 2026-11-25T06:53:26Z is on;\n"), `masks: [{name: what varies, pattern: '\x20is\x20[a-z]{2};\n'}]`, heard("CONN at 2027-11-25T06:53:25Z is in;\n"), ""},
		"other lines":                   {heard("a\nb\n", "c\n"), "", nil, "say by expect what must come"},
		"all of it":                     {heard("abc\n", "def\n"), "", nil, "say by expect what must come"},
		"bytes without number or end":   {heard("x: \x00", "x: \x01\x02"), "", nil, "say by expect what must come"},
		"much that differs":             {heard("x: "+strings.Repeat("\x00", 1<<20)+"\n", "x: "+strings.Repeat("\x01", 1<<20)+"\n"), "", nil, "say by expect what must come"},
		"of which something was masked": {heard("n 1 ab.\n", "n 22 cd.\n"), `masks: [{name: what varies, pattern: 'n\x20[ -~]+\.\n'}]`, heard("n 3 ef.\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := observed.Learn(c.samples, nil)
			var u *observed.Unstable
			if !errors.As(err, &u) || u.Masks != c.masks || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.masks) {
				t.Fatalf("%.300v, masks %s", err, u.Masks)
			}
			if c.masks == "" {
				return
			}
			f := parsed(t, "exchanges: [{send: a}]", u.Masks)
			learned, err := observed.Learn(append(c.samples, c.others...), f.Masks)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range append(c.samples, c.others...) {
				if _, like := learned.For(s.Conn); !like.Matches(s.Answer) {
					t.Errorf("%q is wrong", s.Answer)
				}
			}
		})
	}
}

// TestMasks holds that a mask of the file takes what it says, binary too, before anything else does.
func TestMasks(t *testing.T) {
	f, err := exchange.Parse("f", []byte("protocol: x\nexchanges: [{send: a}]\nmasks: [{name: key, pattern: 'K[\\x00-\\xff]{4}'}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	samples := heard("é K\x00\xff\n9.\xe9", "é K\x80AB1.\xe9")
	if _, err := observed.Learn(samples, nil); err == nil {
		t.Error("without the mask it is stable")
	}
	learned, err := observed.Learn(samples, f.Masks)
	if err != nil {
		t.Fatal(err)
	}
	if _, like := learned.For(""); like.String() != "é ‹key›.\xe9" || !like.Matches([]byte("é K1234.\xe9")) || like.Matches([]byte("é K1234.é")) {
		t.Errorf("it is %q", like)
	}
}

// TestMasksEnd holds that an answer which ends in a mask that can go on is not judged: whether it is whole would be known by silence alone.
func TestMasksEnd(t *testing.T) {
	f := parsed(t, "exchanges: [{send: a}]", `masks: [{name: n, pattern: 'id=[0-9]+'}]`)
	if _, err := observed.Learn(heard("id=1;", "id=22;"), f.Masks); err != nil {
		t.Error(err)
	}
	if _, err := observed.Learn(heard("id=1", "id=22"), f.Masks); err == nil || !strings.Contains(err.Error(), `the answer ends in what varies, n by id=[0-9]+, which can go on`) {
		t.Error(err)
	}
	f = parsed(t, "exchanges: [{send: a}]", `masks: [{name: n, pattern: 'id=[0-9]{2}'}]`)
	if _, err := observed.Learn(heard("id=11", "id=22"), f.Masks); err != nil {
		t.Error(err)
	}
}

// TestMasksMeet holds that of two things which overlap the first counts, and that those behind it count too; and that a mask takes
// bytes of which none is ASCII.
func TestMasksMeet(t *testing.T) {
	f := parsed(t, "exchanges: [{send: a}]", `masks: [{pattern: 'b[0-9]+'}, {pattern: '[\x80-\xff]+'}]`)
	learned, err := observed.Learn(heard("CONN 2026-11-25T06:53:25Z."), f.Masks)
	if err != nil {
		t.Fatal(err)
	}
	if _, like := learned.For(conn); like == nil || like.String() != conn+" ‹date›." {
		t.Errorf("it is %q", like)
	}
	if _, err := observed.Learn(heard("\x80.", "\x81\xff."), f.Masks); err != nil {
		t.Error(err)
	}
}

// TestLearned holds that every sample is right for what was learned of all, and that a changed byte of what did not vary is wrong.
func TestLearned(t *testing.T) {
	word := rapid.SampledFrom([]string{"OK ", "id: ", "\r\n", "é", "a,b;", "\x00\xff", "CONN", " - "})
	rapid.Check(t, func(t *rapid.T) {
		var kinds []int
		var words []string
		for range rapid.IntRange(1, 8).Draw(t, "pieces") {
			kinds = append(kinds, rapid.IntRange(0, 3).Draw(t, "kind"))
			words = append(words, word.Draw(t, "word"))
		}
		answer := func() string {
			var b strings.Builder
			for i, k := range kinds {
				switch k {
				case 0:
					fmt.Fprintf(&b, "#%d.", rapid.IntRange(0, 100000).Draw(t, "counter"))
				case 1:
					fmt.Fprintf(&b, "<%08x>", rapid.Uint32().Draw(t, "id"))
				default:
					b.WriteString(words[i])
				}
			}
			return b.String()
		}
		samples := heard(answer(), answer(), answer(), answer())
		learned, err := observed.Learn(samples, nil)
		if err != nil {
			t.Fatalf("%q, %q, %q, %q: %v", samples[0].Answer, samples[1].Answer, samples[2].Answer, samples[3].Answer, err)
		}
		for _, s := range samples {
			example, like := learned.For(s.Conn)
			if like == nil && string(example) != string(s.Answer) || like != nil && !like.Matches(s.Answer) {
				t.Fatalf("%q is wrong for what was learned of it: %q", s.Answer, like)
			}
			if changed := strings.Replace(string(s.Answer), "OK", "ok", 1); changed != string(s.Answer) && like != nil && like.Matches([]byte(changed)) {
				t.Fatalf("%q is right", changed)
			}
		}
	})
}
