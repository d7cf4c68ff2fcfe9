#!/bin/bash -eu
# Builds every Go fuzz target of the module with its seeds, in the image
# base-builder-go of OSS-Fuzz and ClusterFuzzLite, which set SRC and OUT. It changes
# the tree that it builds.
cd "$SRC/streamspec"
mapfile -t targets < <(ci/fuzz/list)
[ ${#targets[@]} -gt 0 ]

# The engine's own package testing takes the place of Go's; the module must know it.
printf 'package targets\n\nimport _ "github.com/AdamKorcz/go-118-fuzz-build/testing"\n' >fuzz/targets/register.go
go get github.com/AdamKorcz/go-118-fuzz-build/testing

for target in "${targets[@]}"; do
	read -r package name file kind <<<"$target"
	fuzzer=${package#github.com/streamspec/streamspec/}
	fuzzer=${fuzzer//\//_}_$name
	corpus=$(dirname "$file")/testdata/fuzz/$name
	if [ "$kind" = external ]; then # its package cannot be imported: it becomes one that can
		folder=$(dirname "$file")/fuzzed_${name,,}
		mkdir -p "$folder"
		sed 's/^package .*/package fuzzed/' "$file" >"$folder/fuzzed_test.go"
		printf 'package fuzzed\n' >"$folder/fuzzed.go"
		package=$package/fuzzed_${name,,}
	fi
	compile_native_go_fuzzer "$package" "$name" "$fuzzer"
	if [ -d "$corpus" ]; then
		ci/fuzz/seeds "$corpus" "$OUT/${fuzzer}_seed_corpus.zip"
	fi
done
