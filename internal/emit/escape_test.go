package emit_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/realtime"
)

// hostile are texts that mean something in one of the languages.
var hostile = []string{
	`"`, `'`, "`", `\`, `\\`, `\"`, `\'`, "\n", "\r", "\r\n", "\t", "\x00", "\x7f", "\x1b[31m", "\x81\x88", "\xff", "\xc3",
	"\u0085", "\u2028", "\u2029", "\u202e", "\ufeff", "\ufffd", "é", "日本", "😀",
	"%", "%s", "%%", "%n", "%(x)s", "{{.}}", "{{", "{x}", "$", "$(touch pwned)", "${x}", "`touch pwned`", "$((1))", "'; touch pwned; '", "!", "~", "*", "?", "[a-z]",
	"\"\"\"", "'''", "*/", "/*", "//", "#", "\n# ", "\nimport os\n", "\n}\nfunc init() { panic(1) }\n", "\ntouch pwned\n", "\nEND\n",
	"-e", "-n", "--", `\c`, `\0`, `\01`, `\x`, `\u`, `\N{DASH}`, "\x007", "\x011", "coding: utf-7", "+build ignore", "\n//go:build ignore\n", "\n+build ignore\n", "<<'END'", "& touch pwned", "|", ";",
}

func hostileText(t *rapid.T, label string) string {
	piece := rapid.OneOf(rapid.SampledFrom(hostile), rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 9), func(b []byte) string { return string(b) }), rapid.StringN(1, 9, 20))
	return strings.Join(rapid.SliceOfN(piece, 1, 30).Draw(t, label), "")
}

// hostileReproduction asks a server for what it is sent.
func hostileReproduction(request, title string, cuts ...int) emit.Reproduction {
	r := lines(request, request, delivery.CutAt(cuts...).WithEnd(delivery.HalfCloseWithData))
	r.Title, r.Plan.Dialect, r.Plan.Requirement = title, title+".yaml", title
	r.Clients[0].Answers = append(r.Clients[0].Answers, []byte(title), []byte{})
	return r
}

func drawHostile(t *rapid.T) emit.Reproduction {
	request := "-" + hostileText(t, "request")
	cuts := []int{1}
	for at := 2; at < len(request); at++ {
		if rapid.IntRange(0, 19).Draw(t, "cut") == 0 {
			cuts = append(cuts, at)
		}
	}
	return hostileReproduction(request, hostileText(t, "title"), cuts...)
}

// TestEscapingGo reads the Go form back: its strings are what was given, and it has no line that was not meant.
func TestEscapingGo(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	plain := goDeclarations(t, hostileReproduction("ab", "a", 1))
	rapid.Check(t, func(t *rapid.T) {
		r := drawHostile(t)
		var b bytes.Buffer
		if err := emit.Go(&b, r); err != nil {
			t.Fatal(err)
		}
		if text, err := format.Source(b.Bytes()); err != nil || !bytes.Equal(text, b.Bytes()) {
			t.Fatalf("not as gofmt writes it: %v\n%s", err, b.Bytes())
		}
		if strings.ContainsFunc(b.String(), func(r rune) bool { return !strconv.IsPrint(r) && r != '\n' && r != '\t' }) {
			t.Fatalf("holds what cannot be seen:\n%q", b.String())
		}
		file, err := parser.ParseFile(token.NewFileSet(), "repro_test.go", b.Bytes(), parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if len(file.Decls) != plain || len(file.Imports) != 9 {
			t.Fatalf("%d declarations, and not %d:\n%s", len(file.Decls), plain, b.Bytes())
		}
		sent, answers := "", []string(nil)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "send" {
					sent += goText(t, n.Args[0])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "right" {
					for _, e := range n.Value.(*ast.CompositeLit).Elts {
						answers = append(answers, goText(t, e))
					}
				}
			}
			return true
		})
		check(t, r, []byte(sent), answers)
	})
}

func goDeclarations(t *testing.T, r emit.Reproduction) int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "repro_test.go", emitted(t, forms[0], r), 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(file.Decls)
}

// goText is what a sum of strings is.
func goText(t *rapid.T, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return goText(t, e.X) + goText(t, e.Y)
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Fatalf("an expression of type %T", e)
	return ""
}

// check compares what a program sends and takes for right with the reproduction.
func check(t *rapid.T, r emit.Reproduction, sent []byte, answers []string) {
	if !bytes.Equal(sent, r.Clients[0].Request) {
		t.Fatalf("sends %q, and not %q", sent, r.Clients[0].Request)
	}
	if !slices.EqualFunc(answers, r.Clients[0].Answers, func(a string, b []byte) bool { return a == string(b) }) {
		t.Fatalf("takes %q for right, and not %q", answers, r.Clients[0].Answers)
	}
}

// reader is a Python program that reads programs, and prints what they send and take for right.
const reader = `
import ast, base64, json, sys
for line in sys.stdin.buffer:
    tree = ast.parse(base64.b64decode(line), feature_version=(3, 8))
    compile(tree, "repro.py", "exec")
    sent, right = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "c":
            if node.func.attr == "send":
                sent.append((node.lineno, ast.literal_eval(node.args[0])))
            elif node.func.attr == "judge":
                right = ast.literal_eval(node.args[0])
    b64 = lambda b: base64.b64encode(b).decode()
    print(json.dumps({"nodes": len(tree.body), "sent": b64(b"".join(d for _, d in sorted(sent))), "right": [b64(b) for b in right]}), flush=True)
`

// TestEscapingPython reads the Python form back.
func TestEscapingPython(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	cmd := exec.Command(python(t), "-c", reader)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	answers := json.NewDecoder(bufio.NewReader(out))
	type answer struct {
		Nodes int
		Sent  []byte
		Right [][]byte
	}
	read := func(r emit.Reproduction) (a answer, text []byte, err error) {
		var b bytes.Buffer
		if err := emit.Python(&b, r); err != nil {
			return a, nil, err
		}
		line, _ := json.Marshal(b.Bytes())
		if _, err := in.Write(append(bytes.Trim(line, `"`), '\n')); err != nil {
			return a, nil, err
		}
		return a, b.Bytes(), answers.Decode(&a)
	}
	plain, _, err := read(hostileReproduction("ab", "a", 1))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := drawHostile(t)
		a, text, err := read(r)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if a.Nodes != plain.Nodes {
			t.Fatalf("%d statements, and not %d:\n%s", a.Nodes, plain.Nodes, text)
		}
		var right []string
		for _, b := range a.Right {
			right = append(right, string(b))
		}
		check(t, r, a.Sent, right)
	})
}

// titled has a hostile title.
func titled() emit.Reproduction {
	r := hostileReproduction("a\n", "a\n 'b' \"c\" \\n $(touch pwned) `d` %s {{.}} é \u2028 \xff */ \"\"\" end")
	r.Clients[0].Answers = r.Clients[0].Answers[:1]
	return r
}

// TestTitleShown shows a hostile title as one line where the answer is wrong.
func TestTitleShown(t *testing.T) {
	bad := listen(t, func(c *net.TCPConn) { io.Copy(io.Discard, c) })
	r := titled()
	const want = `a 'b' "c" \n $(touch pwned) ` + "`d`" + ` %s {{.}} `
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			command, dir, env := f.program(t, emitted(t, f, r))
			status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+bad), command...)
			if status != 1 || !strings.Contains(out, "problem:  "+want) || !strings.Contains(out, `\xff */ """ end`+"\n") {
				t.Errorf("exits %d:\n%s", status, out)
			}
		})
	}
}

// TestVet runs go vet over the Go forms of every kind of plan.
func TestVet(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	files := map[string][]byte{}
	for name, r := range map[string]emit.Reproduction{
		"cut": cutLine(), "long": longLine(), "conversation": conversation(), "abort": abort(), "hostile": hostileReproduction(strings.Join(hostile, ""), strings.Join(hostile, ""), 1),
		"reset": func() emit.Reproduction {
			r := lines("a", "", delivery.Whole().WithEnd(delivery.Reset))
			r.Clients[0] = emit.Expected{Request: r.Clients[0].Request}
			return r
		}(),
		"open": lines("a", "", delivery.Whole()),
	} {
		files[name+"/repro_test.go"] = emitted(t, forms[0], r)
	}
	dir := t.TempDir()
	if err := goModule(dir, files); err != nil {
		t.Fatal(err)
	}
	run(t, dir, goEnv, tool(t, "go"), "vet", "./...")
}
