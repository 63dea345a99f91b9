package loadgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/parley-im/parley/fixtures"
)

// page is a YAML file to point at.
type page struct{ path string }

// field reads one value of a mapping.
type field func(node ast.Node) error

func openPage(path string, data []byte) (*page, ast.Node, error) {
	p := &page{path}
	file, err := fixtures.ParseYAML(path, data)
	if err != nil {
		return nil, nil, fixtures.Syntax(path, err)
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) != 1 {
		return nil, nil, p.whole(fmt.Sprintf("it must hold one YAML document, it holds %d", len(bodies)))
	}
	return p, bodies[0], nil
}

func (p *page) whole(message string) error {
	return &fixtures.FileError{Path: p.path, Message: message}
}

func (p *page) at(node ast.Node, format string, args ...any) error {
	where := node.GetToken()
	if mapping, ok := node.(*ast.MappingNode); ok && len(mapping.Values) > 0 && !mapping.IsFlowStyle {
		where = mapping.Values[0].Key.GetToken()
	}
	return p.point(where, fmt.Sprintf(format, args...))
}

func (p *page) point(where *token.Token, message string) error {
	if where == nil || where.Position == nil || where.Position.Line < 1 {
		return p.whole(message)
	}
	return &fixtures.FileError{Path: p.path, Line: where.Position.Line, Column: max(1, where.Position.Column), Message: message}
}

// fields reads a mapping: each key by its function, and no other key.
func (p *page) fields(node ast.Node, what string, known map[string]field) error {
	var members []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		members = n.Values
	case *ast.MappingValueNode:
		members = []*ast.MappingValueNode{n}
	default:
		return p.at(node, "%s must have keys and values", what)
	}
	seen := map[string]bool{}
	for _, member := range members {
		key := member.Key.String()
		read, ok := known[key]
		switch {
		case !ok:
			return p.at(member.Key, "unknown key %s in %s%s", fixtures.ShowKey(key), what, fixtures.DidYouMean(key, names(known)))
		case seen[key]:
			return p.at(member.Key, "the key %s stands twice; leave one of them out", fixtures.ShowKey(key))
		}
		seen[key] = true
		if err := read(member.Value); err != nil {
			return err
		}
	}
	return nil
}

func names[V any](m map[string]V) []string {
	var all []string
	for name := range m {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func (p *page) list(node ast.Node, what string, element field) error {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		return p.at(node, "%s must be a list", what)
	}
	for _, value := range sequence.Values {
		if err := element(value); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) text(to *string) field {
	return func(node ast.Node) error {
		switch n := node.(type) {
		case *ast.StringNode:
			*to = n.Value
		case *ast.LiteralNode:
			*to = strings.TrimSpace(n.Value.Value)
		case *ast.IntegerNode, *ast.FloatNode:
			*to = n.GetToken().Value
		default:
			return p.at(node, "text belongs here")
		}
		return nil
	}
}

func (p *page) number(to *float64) field {
	return func(node ast.Node) error {
		n, err := strconv.ParseFloat(node.GetToken().Value, 64)
		if err != nil || n != n {
			return p.at(node, "a number belongs here, not %q", clip(node.GetToken().Value))
		}
		*to = n
		return nil
	}
}

func (p *page) integer(to *int) field {
	return func(node ast.Node) error {
		n, err := strconv.ParseInt(node.GetToken().Value, 10, 32)
		if err != nil {
			return p.at(node, "a whole number belongs here, not %q", clip(node.GetToken().Value))
		}
		*to = int(n)
		return nil
	}
}

func (p *page) duration(to *time.Duration) field {
	return func(node ast.Node) error {
		d, err := time.ParseDuration(node.GetToken().Value)
		if err != nil || d < 0 {
			return p.at(node, "%q is no duration; write a number with a unit, such as 500ms or 3s", clip(node.GetToken().Value))
		}
		*to = d
		return nil
	}
}
