"""Tests on a kind cluster; see tests/kind_cluster.py."""

from __future__ import annotations

import pytest

from tests import kind_cluster


@pytest.fixture(scope="session")
def cluster():
    """It is up."""
    kind_cluster.start()
    kind_cluster.close_pools()  # of the contract's suite, whose gateway has other code than the product's
    return kind_cluster
