package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheCommittedCodeIsWhatTheProtoSays(t *testing.T) {
	want, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../" + generated)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what %s says now: run go generate ./reference/yunhu/wire", generated, source)
	}
}
