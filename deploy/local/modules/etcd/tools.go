//go:build tools

// Package engines pins etcd, the store under the cluster-in-a-box.
package engines

import _ "go.etcd.io/etcd/server/v3"
