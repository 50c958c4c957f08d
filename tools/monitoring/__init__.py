"""Makes what ray-cluster/monitoring has twice: the Grafana dashboard, and the rules as an object of the operator.

python -m tools.monitoring          writes them
"""
