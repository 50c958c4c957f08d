#!/bin/sh
# Not run. Dataplane V2 is Cilium: it enforces network policies. A Standard cluster; on Autopilot the provider chooses nodes
# and changes what pods ask for.
set -eu
gcloud container clusters create livecodebench --region europe-west3 --num-nodes 1 --machine-type e2-standard-4 \
  --enable-dataplane-v2 --workload-pool "$(gcloud config get-value project).svc.id.goog"
# Machines of one family, for time limits are CPU seconds. Spot nodes get no taint by themselves: ours keeps others off.
gcloud container node-pools create sandbox --cluster livecodebench --region europe-west3 --machine-type c3-standard-22 --spot \
  --enable-autoscaling --total-min-nodes 1 --total-max-nodes 4 \
  --node-labels lcb=sandbox --node-taints lcb=sandbox:NoSchedule --workload-metadata GKE_METADATA
# Not `--sandbox type=gvisor`: the agent refuses to start on gVisor.
