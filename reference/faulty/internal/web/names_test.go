package web_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// contractFaults are the faults that the HTTP contract names behind each requirement. Two of those that it names break nothing by its own words,
// and others stand for them: unknown-method-as-get is a matter of the application (HREQ-5, [A]; a right server answers so, any-method), and a malformed
// trailer may be skipped (HCHK-11; lenient does).
var contractFaults = map[string]string{
	"HREQ-1": "leading-crlf-is-a-request", "HREQ-2": "absolute-form-as-path", "HREQ-3": "host-over-target", "HREQ-4": "method-folded method-by-prefix",
	"HREQ-5": "unknown-method-is-400", "HREQ-6": "line-limit-4096", "HREQ-7": "target-truncated", "HREQ-8": "crlf-eaten-as-space", "HREQ-9": "target-to-last-space",
	"HREQ-10": "version-optional", "HREQ-11": "version-by-prefix", "HREQ-12": "minor-exact", "HREQ-13": "target-unchecked fast-path-unchecked", "HREQ-14": "connect-any",
	"HREQ-15": "method-unchecked", "HREQ-16": "lf-only-in-one-segment", "HREQ-17": "cr-ends-line",

	"HFLD-1": "host-optional", "HFLD-2": "last-host-wins", "HFLD-3": "host-unchecked", "HFLD-5": "space-before-colon", "HFLD-6": "leading-space-trimmed",
	"HFLD-7": "fold-is-a-field fold-drops-value", "HFLD-8": "cr-starts-field", "HFLD-9": "nul-kept nul-ends-value", "HFLD-11": "value-must-be-ascii",
	"HFLD-12": "name-unchecked", "HFLD-13": "length-case-sensitive", "HFLD-14": "one-space-expected", "HFLD-15": "empty-value-refused",
	"HFLD-16": "long-line-hangs field-cut", "HFLD-17": "fields-limit-32",

	"HLEN-1": "body-is-the-segment body-short-by-one body-to-eof", "HLEN-2": "length-octal", "HLEN-3": "length-by-atoi length-by-int()",
	"HLEN-4": "first-length-wins last-length-wins", "HLEN-5": "equal-lengths-added", "HLEN-6": "length-32-bit length-64-bit", "HLEN-7": "post-waits-for-eof",
	"HLEN-8": "short-body-accepted eof-ignored", "HLEN-9": "coding-ignored", "HLEN-10": "chunked-by-substring te-ignored", "HLEN-11": "length-over-chunked",
	"HLEN-12": "both-kept-alive", "HLEN-13": "te-in-1.0-kept te-in-1.0-ignored", "HLEN-14": "chunked-case", "HLEN-15": "te-first-line-only",
	"HLEN-16": "te-cut-at-semicolon", "HLEN-17": "get-has-no-body refused-body-left",

	"HCHK-1": "chunk-is-a-segment one-chunk-only", "HCHK-2": "size-lower-case last-chunk-literal", "HCHK-3": "extension-refused extension-into-size",
	"HCHK-5": "size-by-int() size-by-strtol", "HCHK-6": "size-32-bit size-64-bit", "HCHK-7": "data-crlf-skipped-blind crlf-checked-in-one-segment",
	"HCHK-8": "chunk-lf", "HCHK-9": "chunk-cr", "HCHK-10": "trailer-left trailer-merged", "HCHK-11": "bad-trailer-hangs", "HCHK-12": "eof-is-last-chunk eof-spins",
	"HCHK-13": "chunk-limit-64k",

	"HCON-1": "closes-always", "HCON-2": "closes-silently", "HCON-3": "close-exact-match", "HCON-4": "close-at-idle", "HCON-6": "1.0-kept",
	"HCON-7": "error-eats-answers pipeline-dropped pipeline-reordered pipeline-merged", "HCON-8": "head-with-body", "HCON-9": "length-outlives chunked-outlives head-outlives",
	"HCON-10": "continue-never expect-case", "HCON-11": "continue-is-final continue-twice-final", "HCON-12": "early-answer-leaves-body", "HCON-13": "continue-to-1.0",
	"HCON-14": "upgrade-any", "HCON-15": "fin-cancels", "HCON-16": "close-with-unread", "HCON-17": "resync-at-blank-line",

	"HSEM-2": "status-line-no-space version-echoed", "HSEM-3": "length-of-characters both-sent", "HSEM-4": "chunked-to-1.0", "HSEM-5": "304-with-body",
	"HSEM-6": "405-without-allow", "HSEM-8": "header-injection", "HSEM-9": "head-length-0",

	"SMUG-1": "smuggle-cl-te smuggle-te-cl", "SMUG-2": "te-trimmed te-underscore", "SMUG-3": "cl-trimmed", "SMUG-4": "funky-chunk", "SMUG-5": "cl-0", "SMUG-6": "0-cl",
	"SMUG-7": "smuggle-after-400",
}

// further are the faults that it does not name: those of requirements without a name, and those that real servers have had.
var further = map[string]string{
	"HCHK-4": "space-into-size", "HCHK-5": "negative-size-spins", "HCHK-6": "size-overflow-kills", "HCHK-10": "trailers-left-when-cut", "HCHK-14": "extensions-hang",
	"HCON-5": "close-unsaid", "SMUG-3": "cl-underscore", "SMUG-4": "size-behind-space", "SMUG-5": "missing-leaves-body", "HSEM-1": "head-not-allowed", "HSEM-7": "no-date", "HSEM-10": "trace-with-secrets",
}

// faultless are the requirements that no fault can break: they have a MAY whose every reading is right, or are for a pair of servers.
var faultless = []string{"HFLD-4", "HFLD-10", "SMUG-8"}

// TestNames holds that each fault is there for the requirement that it breaks, and each requirement has one.
func TestNames(t *testing.T) {
	var named, there []string
	for _, m := range []map[string]string{contractFaults, further} {
		for id, names := range m {
			for name := range strings.FieldsSeq(names) {
				named = append(named, id+" "+name)
			}
		}
	}
	broken := map[string]bool{}
	for _, f := range web.Faults() {
		there = append(there, f.Requirement+" "+f.Name)
		broken[f.Requirement] = true
		if f.Sentence == "" || f.Mistake == "" || !slices.Equal(f.Dialects, []string{web.Dialect}) || f.Plant == nil {
			t.Errorf("%s is not told in full", f.Name)
		}
	}
	slices.Sort(named)
	slices.Sort(there)
	if !slices.Equal(named, there) {
		t.Errorf("the faults are\n%q, not\n%q", there, named)
	}
	for _, family := range contract.HTTP() {
		for _, r := range family.Requirements {
			if broken[r.ID] == slices.Contains(faultless, r.ID) {
				t.Errorf("%s: a fault breaks it: %v", r.ID, broken[r.ID])
			}
		}
	}
	all := map[string]bool{}
	for _, f := range slices.Concat(web.Faults(), web.Odd(), web.Constant()) {
		if all[f.Name] {
			t.Errorf("two servers are named %s", f.Name)
		}
		all[f.Name] = true
	}
}
