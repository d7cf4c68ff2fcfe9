package report

import (
	_ "embed"
	"slices"
)

//go:embed schema/streamspec-1.json
var jsonSchema []byte

//go:embed schema/junit.xsd
var junitSchema []byte

// JSONSchema is the JSON Schema (draft 2020-12) of the JSON report.
func JSONSchema() []byte { return slices.Clone(jsonSchema) }

// JUnitSchema is the XML Schema of the JUnit report.
func JUnitSchema() []byte { return slices.Clone(junitSchema) }
