package report

import "testing"

func TestFileURI(t *testing.T) {
	for _, test := range []struct {
		name      string
		separator rune
		uri       string
		slashed   string
	}{
		{"values.yaml", '/', "values.yaml", "values.yaml"},
		{"./a/../b/values.yaml", '/', "b/values.yaml", "b/values.yaml"},
		{"../values.yaml", '/', "../values.yaml", "../values.yaml"},
		{"a b/#1?/100%.yaml", '/', "a%20b/%231%3F/100%25.yaml", "a b/#1?/100%.yaml"},
		{"%41.yaml", '/', "%2541.yaml", "%41.yaml"},
		{"prod:values.yaml", '/', "./prod:values.yaml", "prod:values.yaml"},
		{"größe/値.yaml", '/', "gr%C3%B6%C3%9Fe/%E5%80%A4.yaml", "größe/値.yaml"},
		{"\xff.yaml", '/', "%FF.yaml", "\xff.yaml"},
		{"/srv/a b/values.yaml", '/', "file:///srv/a%20b/values.yaml", "/srv/a b/values.yaml"},
		{"//srv/values.yaml", '/', "file:///srv/values.yaml", "//srv/values.yaml"},
		{`envs\prod\values.yaml`, '\\', "envs/prod/values.yaml", "envs/prod/values.yaml"},
		{`.\values.yaml`, '\\', "values.yaml", "values.yaml"},
		{`one\name.yaml`, '/', "one%5Cname.yaml", `one\name.yaml`},
		{`C:\a b\values.yaml`, '/', "file:///C:/a%20b/values.yaml", `C:\a b\values.yaml`},
		{`c:/a#b/values.yaml`, '\\', "file:///c:/a%23b/values.yaml", `c:/a#b/values.yaml`},
		{`\\server\share\a b\values.yaml`, '\\', "file://server/share/a%20b/values.yaml", `\\server\share\a b\values.yaml`},
		{`\\?\C:\values.yaml`, '\\', "file:///C:/values.yaml", `\\?\C:\values.yaml`},
	} {
		if got := fileURI(test.name, test.separator); got != test.uri {
			t.Errorf("fileURI(%q) = %q, want %q", test.name, got, test.uri)
		}
		if got := slashed(test.name, test.separator); got != test.slashed {
			t.Errorf("slashed(%q) = %q, want %q", test.name, got, test.slashed)
		}
	}
}

func TestIsFile(t *testing.T) {
	for name, want := range map[string]bool{
		"": false, "-": false, "<stdin>": false, "--set": false, "--set#2": false, "--set-json": false, "--set-literal#12": false,
		"values.yaml": true, "./-": true, "--settings.yaml": true, "a#2": true,
	} {
		if got := isFile(name); got != want {
			t.Errorf("isFile(%q) = %t", name, got)
		}
	}
}
