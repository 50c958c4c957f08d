#!/bin/sh
# Not run. Azure CNI with Cilium's dataplane enforces network policies.
set -eu
az aks create --resource-group lcb --name livecodebench --node-count 1 --node-vm-size Standard_D4s_v5 \
  --network-plugin azure --network-plugin-mode overlay --network-dataplane cilium --generate-ssh-keys
# AKS itself taints spot nodes kubernetes.azure.com/scalesetpriority=spot:NoSchedule. With --spot, set
#   LIVECODEBENCH_K8S_TOLERATIONS=lcb=sandbox:NoSchedule,kubernetes.azure.com/scalesetpriority=spot:NoSchedule
az aks nodepool add --resource-group lcb --cluster-name livecodebench --name sandbox --node-vm-size Standard_F16s_v2 \
  --priority Spot --eviction-policy Delete --spot-max-price -1 --enable-cluster-autoscaler --min-count 1 --max-count 4 \
  --labels lcb=sandbox --node-taints lcb=sandbox:NoSchedule
# A kernel of its own for each pod (Pod Sandboxing, Kata): a pool with `--os-sku AzureLinux --workload-runtime
# KataVmIsolation`, on sizes with nested virtualisation, not spot; `kubectl get runtimeclass` names what
# LIVECODEBENCH_K8S_RUNTIME_CLASS has to be.
