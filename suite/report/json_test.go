package report

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// samples are concluded reports of all kinds, with the evidence that the schema
// asks for.
func samples() map[string]*Report {
	strict := serialRun()
	strict.Strict = true
	empty := &Report{Schema: Schema, Tool: Tool{"streamspec", "1"}, Target: Target{Name: "reference", Kind: "reference", Cuts: "confirmed"}, Dialect: "echo", Seed: math.MaxUint64}
	all := map[string]*Report{
		"right": rightRun(), "failing": failingRun(), "waived": waivedRun(), "serial": serialRun(), "strict": strict,
		"trouble": troubledRun(), "interrupted": interruptedRun(), "empty": empty,
	}
	for _, r := range all {
		Conclude(r)
	}
	return all
}

func jsonOf(t *testing.T, r *Report) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteJSON(&buf, r); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:streamspec:report:1", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:streamspec:report:1")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestJSONRoundTripsAndIsValid(t *testing.T) {
	s := schema(t)
	for name, r := range samples() {
		data := jsonOf(t, r)
		if err := validate(t, s, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		back, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(data, jsonOf(t, back)) {
			t.Errorf("%s came back as another report", name)
		}
		if r.Results != nil && !reflect.DeepEqual(summaryOf(r), summaryOf(back)) {
			t.Errorf("%s came back with another summary", name)
		}
	}
}

func summaryOf(r *Report) any {
	return []any{r.Summary, r.Cuts, r.Conclusion, r.Sentence, len(r.Results)}
}

func TestNoResultsAreAnEmptyList(t *testing.T) {
	if data := jsonOf(t, &Report{}); !bytes.Contains(data, []byte(`"results": []`)) {
		t.Errorf("%s", data)
	}
}

func TestWriteJSONLeavesTheReportAlone(t *testing.T) {
	r := &Report{Schema: "mine"}
	jsonOf(t, r)
	if r.Schema != "mine" || r.Results != nil {
		t.Errorf("%+v", r)
	}
}

// edited is the failing run's JSON with one edit.
func edited(t *testing.T, edit func(doc map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(jsonOf(t, samples()["failing"]), &doc); err != nil {
		t.Fatal(err)
	}
	edit(doc)
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// broken is the first result of doc that has evidence.
func broken(doc map[string]any) map[string]any {
	for _, r := range doc["results"].([]any) {
		if r := r.(map[string]any); r["failure"] != nil {
			return r
		}
	}
	panic("none")
}

func evidenceOf(doc map[string]any) map[string]any { return broken(doc)["failure"].(map[string]any) }

func firstOf(doc map[string]any) map[string]any { return doc["results"].([]any)[0].(map[string]any) }

func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	if err := validate(t, s, edited(t, func(map[string]any) {})); err != nil {
		t.Fatalf("unedited: %v", err)
	}
	for name, edit := range map[string]func(map[string]any){
		"another version":        func(d map[string]any) { d["schema"] = "streamspec/2" },
		"an unknown member":      func(d map[string]any) { d["extra"] = 1 },
		"no results":             func(d map[string]any) { delete(d, "results") },
		"null results":           func(d map[string]any) { d["results"] = nil },
		"a conclusion":           func(d map[string]any) { d["conclusion"] = "fine" },
		"a sentence":             func(d map[string]any) { d["sentence"] = "all is well" },
		"a time":                 func(d map[string]any) { d["started"] = "yesterday" },
		"a negative seed":        func(d map[string]any) { d["seed"] = -1 },
		"a kind of target":       func(d map[string]any) { d["target"].(map[string]any)["kind"] = "cloud" },
		"a summary in part":      func(d map[string]any) { delete(d["summary"].(map[string]any), "skip") },
		"a verdict":              func(d map[string]any) { firstOf(d)["verdict"] = "ok" },
		"a level":                func(d map[string]any) { firstOf(d)["level"] = "must" },
		"an id":                  func(d map[string]any) { firstOf(d)["id"] = "FRAM 2" },
		"an unknown member deep": func(d map[string]any) { firstOf(d)["cuts"].(map[string]any)["lost"] = 1 },
		"a fail unshown":         func(d map[string]any) { delete(broken(d), "failure") },
		"a pass with evidence":   func(d map[string]any) { broken(d)["verdict"] = "pass" },
		"a skip unreasoned":      func(d map[string]any) { firstOf(d)["verdict"] = "skip" },
		"an ending":              func(d map[string]any) { evidenceOf(d)["ending"] = "closed" },
		"a raw text":             func(d map[string]any) { evidenceOf(d)["actual"].(map[string]any)["text"] = "a\nb" },
		"a cut escape":           func(d map[string]any) { evidenceOf(d)["actual"].(map[string]any)["text"] = `a\x1` },
		"a text for an excerpt":  func(d map[string]any) { evidenceOf(d)["actual"] = "abc" },
		"a kind of event":        func(d map[string]any) { evidenceOf(d)["timeline"].([]any)[0].(map[string]any)["kind"] = "x" },
		"a difference before 0":  func(d map[string]any) { evidenceOf(d)["first_difference"] = -2 },
	} {
		if err := validate(t, s, edited(t, edit)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestReadJSONRefuses(t *testing.T) {
	good := string(jsonOf(t, samples()["failing"]))
	for name, text := range map[string]string{
		"nothing":           "",
		"not JSON":          "conformant",
		"null":              "null",
		"another version":   strings.Replace(good, `"streamspec/1"`, `"streamspec/2"`, 1),
		"an unknown member": strings.Replace(good, `"seed"`, `"sead"`, 1),
		"more than one":     good + good,
		"half":              good[:len(good)/2],
		"a verdict":         strings.Replace(good, `"verdict": "pass"`, `"verdict": "ok"`, 1),
		"a level":           strings.Replace(good, `"level": "MUST"`, `"level": "MIGHT"`, 1),
		"a conclusion":      strings.Replace(good, `"conclusion": "not conformant"`, `"conclusion": ""`, 1),
		"no results":        `{"schema":"streamspec/1","conclusion":"conformant"}`,
	} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	_, err := ReadJSON(strings.NewReader(`{"schema":"streamspec/9","new":1}`))
	if err == nil || !strings.Contains(err.Error(), `"streamspec/9"`) {
		t.Errorf("a newer version is refused with: %v", err)
	}
}

func TestReadJSONIsBounded(t *testing.T) {
	endless := strings.NewReader(strings.Repeat(" ", readLimit+2))
	if _, err := ReadJSON(endless); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("an endless report: %v", err)
	}
}

func TestBytesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyBytes().Draw(t, "bytes")
		data, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var back Bytes
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		want := b.bounded()
		if back.Total != want.Total || back.Offset != want.Offset || !bytes.Equal(back.Text, want.Text) {
			t.Fatalf("%+v came back as %+v", want, back)
		}
	})
	data, err := json.Marshal(Bytes{Total: 9, Offset: 2, Text: []byte("<a>\n\"\xff")})
	if want := `{"total":9,"offset":2,"text":"<a>\\n\\\"\\xff"}`; err != nil || string(bytes.ReplaceAll(bytes.ReplaceAll(data, []byte(`\u003c`), []byte("<")), []byte(`\u003e`), []byte(">"))) != want {
		t.Errorf("%s, not %s: %v", data, want, err)
	}
}

func TestBytesJSONRefuses(t *testing.T) {
	for _, text := range []string{
		`null`, `"abc"`, `{}`, `{"total":1,"offset":0}`, `{"total":1,"offset":0,"text":null}`, `{"offset":0,"text":"a"}`, `{"total":1,"text":"a"}`, `{"total":1,"offset":0,"text":"a","more":1}`,
		`{"total":1,"offset":0,"text":"ab"}`, `{"total":2,"offset":1,"text":"ab"}`, `{"total":2,"offset":-1,"text":"a"}`,
		`{"total":-1,"offset":0,"text":""}`, `{"total":4,"offset":0,"text":"\\q"}`, `{"total":1.5,"offset":0,"text":"a"}`,
		`{"total":9000,"offset":0,"text":"` + strings.Repeat("a", ExcerptLimit+1) + `"}`,
	} {
		var b Bytes
		if err := b.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%.80s was accepted as %+v", text, b)
		}
	}
}
