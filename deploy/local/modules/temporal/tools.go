//go:build tools

// Package engines pins the Temporal CLI, which carries the development server and its Web UI.
package engines

import _ "github.com/temporalio/cli/cmd/temporal"
