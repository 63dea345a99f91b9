// Command gen turns conversation.proto into Go, with nothing to install: protocompile parses, protogen emits.
//
// Run it by go generate ./reference/yunhu/wire. What it writes is committed, so that only regeneration needs its modules;
// a test holds the committed code against what would be generated now.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const (
	source    = "conversation.proto"
	generated = "pb/conversation.pb.go"
)

func main() {
	code, err := generate(".")
	if err == nil {
		err = os.WriteFile(generated, code, 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gen: %s cannot be turned into %s: %v\n", source, generated, err)
		os.Exit(1)
	}
}

// generate is the Go code of the proto file that stands in dir.
func generate(dir string) ([]byte, error) {
	compiler := protocompile.Compiler{
		Resolver:       &protocompile.SourceResolver{ImportPaths: []string{dir}},
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), source)
	if err != nil {
		return nil, err
	}
	request := &pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{source}, Parameter: proto.String("paths=source_relative"),
		ProtoFile: []*descriptorpb.FileDescriptorProto{protodesc.ToFileDescriptorProto(files[0])},
	}
	plugin, err := protogen.Options{}.New(request)
	if err != nil {
		return nil, err
	}
	internal_gengo.GenerateFile(plugin, plugin.Files[0])
	response := plugin.Response()
	if response.Error != nil {
		return nil, fmt.Errorf("%s", response.GetError())
	}
	return []byte(response.File[0].GetContent()), nil
}
