//go:build tools

// Package engines pins Helm 3, with which the chart is rendered and installed in tests.
package engines

import _ "helm.sh/helm/v3/cmd/helm"
