package knowledge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Export writes the whole base as one JSON object, indented, with the keys of
// the files. What is empty or unknown is left out.
func (b *Base) Export(w io.Writer) error {
	var compact, indented bytes.Buffer
	if err := writeJSON(&compact, reflect.ValueOf(b)); err != nil {
		return fmt.Errorf("export the knowledge base: %w", err)
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return fmt.Errorf("export the knowledge base: %w", err)
	}
	indented.WriteByte('\n')
	_, err := indented.WriteTo(w)
	return err
}

// writeJSON writes v. A struct becomes an object whose keys are its TOML tags,
// so that the schema need not say every name twice.
func writeJSON(out *bytes.Buffer, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		return writeJSON(out, v.Elem())
	case reflect.Slice:
		out.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, v.Index(i)); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	case reflect.Struct:
		if d, ok := v.Interface().(Date); ok {
			fmt.Fprintf(out, "%q", d.String())
			return nil
		}
		out.WriteByte('{')
		first := true
		err := eachField(v, func(key string, f reflect.Value) error {
			if f.IsZero() || (f.Kind() == reflect.Slice && f.Len() == 0) {
				return nil
			}
			if !first {
				out.WriteByte(',')
			}
			first = false
			fmt.Fprintf(out, "%q:", key)
			return writeJSON(out, f)
		})
		out.WriteByte('}')
		return err
	default:
		text, err := json.Marshal(v.Interface())
		out.Write(text)
		return err
	}
}

// eachField calls visit for each field of a struct that has a TOML tag, those
// of embedded structs among them.
func eachField(v reflect.Value, visit func(key string, f reflect.Value) error) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		var err error
		if field.Anonymous {
			err = eachField(v.Field(i), visit)
		} else if key, _, _ := strings.Cut(field.Tag.Get("toml"), ","); key != "" {
			err = visit(key, v.Field(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
