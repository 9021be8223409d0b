//go:build tools

// Package engines pins Helm 4, with which the chart is rendered and installed in tests.
package engines

import _ "helm.sh/helm/v4/cmd/helm"
