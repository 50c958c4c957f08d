"""ray-cluster/monitoring: what is made of something is up to date, names exist, and alerts do what their tests say."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
import yaml

from tools.monitoring.files import FOLDER, RULES, written

OURS = re.compile(r"ray_(livecodebench_\w+?)(?:_total|_bucket|_count|_sum)?\b(?!\w)")


def yaml_of(*names):
    return yaml.safe_load(FOLDER.joinpath(*names).read_text())


@pytest.fixture(scope="module")
def known():
    """The names of the figures that the actors have, by their source: the actors need a Ray."""
    source = (FOLDER.parents[1] / "lcb_ray" / "ray_pool" / "metrics.py").read_text()
    return {f"livecodebench_{name}" for name in re.findall(r'_(?:gauge|counter|histogram)\("(\w+)"', source)}


@pytest.mark.parametrize("path", sorted(written()), ids=lambda path: path.name)
def test_what_is_made_is_up_to_date(path):
    assert path.read_text() == written()[path], "run `python -m tools.monitoring`"


def test_rules_and_panels_name_figures_that_there_are(known):
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    asked += [rule["expr"] for group in yaml_of("rules.yaml")["groups"] for rule in group["rules"]]
    named = {name for text in asked for name in OURS.findall(text)}
    assert len(known) > 10
    assert named <= known


def test_every_panel_says_what_it_shows_and_lies_in_the_grid():
    panels = json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert len(panel["description"]) > 40, panel["title"]
            assert panel["targets"], panel["title"]


def test_the_operator_and_plain_prometheus_are_told_the_same():
    plain = yaml_of("prometheus.yaml")["scrape_configs"][0]
    [endpoint] = yaml_of("operator", "podmonitor.yaml")["spec"]["podMetricsEndpoints"]
    theirs = [
        {re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), key): value for key, value in one.items()}
        for one in endpoint["metricRelabelings"]
    ]
    assert theirs == plain["metric_relabel_configs"]
    assert plain["relabel_configs"][0]["regex"] == endpoint["port"] == "metrics"


def test_every_alert_is_tested_in_both_directions():
    alerts = {rule["alert"] for group in yaml_of("rules.yaml")["groups"] for rule in group["rules"]}
    tests = [one for test in yaml_of("rules_test.yaml")["tests"] for one in test["alert_rule_test"]]
    assert {one["alertname"] for one in tests if one["exp_alerts"]} == alerts


def promtool(*arguments):
    ended = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.prometheus
def test_the_alerts_do_what_their_tests_say():
    promtool("check", "rules", RULES)
    promtool("test", "rules", FOLDER / "rules_test.yaml")


@pytest.mark.prometheus
def test_prometheus_takes_the_configuration(tmp_path):
    """Without the way to find pods, which Debian's Prometheus is built without."""
    config = yaml_of("prometheus.yaml")
    for job in config["scrape_configs"]:
        del job["kubernetes_sd_configs"]
        job["static_configs"] = [{"targets": ["127.0.0.1:8080"]}]
    (tmp_path / "rules.yaml").write_text(RULES.read_text())
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(config))
    promtool("check", "config", tmp_path / "prometheus.yaml")
