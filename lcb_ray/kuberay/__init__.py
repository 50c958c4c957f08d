"""A pool on Kubernetes: which cluster, what is created there, and the way to it. Needs the extra `kubernetes`.

The YAML of ray-cluster/ says what is created; what is here loads it, sets sizes, images and resources, and applies it.
Words: kind cluster (the nodes, on this machine), RayCluster (what KubeRay makes pods of), namespace.
"""
