package exchange_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/streamspec/streamspec/internal/exchange"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a YAML text as a JSON schema sees it.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSchema holds the published schema against what is read: what an editor accepts by it is accepted, and what it marks is refused.
func TestSchema(t *testing.T) {
	s := schema(t)
	right := map[string][]byte{"whole": []byte(whole), "more": []byte(more)}
	for _, name := range exchange.Presets() {
		right["preset:"+name], _ = exchange.Preset(name)
	}
	for name, text := range right {
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	const head = "protocol: x\nexchanges:\n  - send: a\n"
	for _, text := range []string{
		"hello", "protocol: x\n", "exchanges:\n  - send: a\n", "protocol: ''\nexchanges: [{send: a}]\n", "protocol: x\nexchanges: []\n",
		head + "more: 1\n", head + "    sent: a\n", "protocol: x\nexchanges: [{name: a}]\n", head + "pipelines: maybe\n",
		head + "limits: {clients: 0}\n", head + "limits: {idle: soon}\n", head + "limits: {most: 1}\n", head + "setup: []\n", head + "masks: [{name: a}]\n",
		head + "unasked: {}\n", head + "unasked: PING\n", head + "unasked: {pattern: ''}\n", head + "unasked: {pattern: a, name: b}\n",
		head + "    expect: {hex: '00', base64: AA==}\n", head + "    expect: {pattern: a, until: b}\n", head + "    expect: {lines: 0}\n",
		head + "    expect: {length: u7, of: a}\n", head + "    expect: {length: u8}\n", head + "    expect: {repeat: 0, of: a}\n", head + "    expect: {frame: {skip: 1}}\n",
		head + "    expect: {frame: chunks}\n", head + "    expect: {frame: {length: hex}}\n", head + "    expect: {reply: 22}\n", head + "    expect: {reply: [2y0]}\n",
		head + "    expect: {until: []}\n", head + "    expect: {either: []}\n", head + "    expect: {same: true}\n", head + "    expect: {grown: false}\n",
		head + "values: [a]\n", head + "values: {conn: a}\n", head + "values: {1a: a}\n", head + "values: {a: [b]}\n", head + "    refused: {lines: 0}\n", head + "    expect: {pattern: a, of: b}\n",
		head + "setup: [{send: a, capture: {name: a}}]\n", head + "setup: [{send: a, capture: {name: conn, pattern: x}}]\n", head + "leave: {send: a, capture: {name: a, pattern: x}}\n",
		"protocol: x\nexchanges: [{send: {grow: {to: 0}}, expect: a}]\n", "protocol: x\nexchanges: [{send: {length: u8, add: 5000, of: a}}]\n",
	} {
		if err := s.Validate(asJSON(t, []byte(text))); err == nil {
			t.Errorf("the schema accepts %q", text)
		}
		if _, err := exchange.Parse("f", []byte(text)); err == nil {
			t.Errorf("it is read: %q", text)
		}
	}
}
