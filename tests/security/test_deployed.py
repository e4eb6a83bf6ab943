"""The shipped configuration of proxies and services: what stands before the application, and around it."""

import re

import pytest

from config import ROOT

NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def servers() -> list[str]:
    """Each server block of nginx.conf."""
    return [f"server {part}" for part in re.split(r"^server ", NGINX, flags=re.MULTILINE)[1:]]


def test_the_shipped_proxies_speak_todays_encryption_alone() -> None:
    encrypted = [block for block in servers() if "listen 443" in block]
    assert len(encrypted) == 2
    for block in encrypted:
        assert re.search(r"ssl_protocols TLSv1\.2 TLSv1\.3;", block)
        [suites] = re.findall(r"ssl_ciphers ([^;]+);", block)  # of 1.2; those of 1.3 are all sound
        for suite in suites.split(":"):
            assert re.fullmatch(r"ECDHE-(RSA|ECDSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", suite)
    assert not re.search(
        r"^\s*(protocols|ciphers|insecure|tls internal)", CADDY, re.MULTILINE
    )  # Caddy's defaults


def test_programs_that_ask_unencrypted_are_refused_and_people_led_on() -> None:
    [plain] = [block for block in servers() if "listen 80;" in block]
    assert "location /api/ { return 403; }" in plain
    assert "return 301 https://$host$request_uri" in plain
    assert "proxy_pass" not in plain
    unencrypted = re.search(r"^http://\S+pulse\.example\.org\} \{\n(.*?)^\}", CADDY, re.MULTILINE | re.DOTALL)
    assert unencrypted is not None
    assert re.search(r"handle /api/\* \{\s*respond 403", unencrypted[1])
    assert "reverse_proxy" not in unencrypted[1]


def test_the_proxies_of_ours_write_where_somebody_comes_from_themselves() -> None:
    """Whatever a visitor says of it is overwritten, and not added to."""
    assert "$proxy_add_x_forwarded_for" not in NGINX
    assert re.findall(r"proxy_set_header X-Forwarded-For ([^;]*);", NGINX)[0] == "$remote_addr"
    assert re.findall(r"header_up X-Forwarded-For (\S+)", CADDY) == ["{remote_host}"]


def test_the_shipped_proxies_keep_no_log_and_no_copy() -> None:
    for block in servers():
        assert "access_log off;" in block
        assert re.search(r"error_log \S+ crit;", block)
    assert not re.search(r"proxy_cache\b|proxy_store|fastcgi_cache", NGINX)
    assert all("proxy_max_temp_file_size 0;" in block for block in servers() if "proxy_pass" in block)
    assert "exclude http.log" in CADDY
    assert not re.search(r"^\s*(file_server|cache)\b", CADDY, re.MULTILINE)


def test_no_folder_is_listed_and_figures_for_machines_stay_inside() -> None:
    assert "autoindex on" not in NGINX
    assert "location = /metrics { return 404; }" in NGINX
    assert "respond /metrics 404" in CADDY
    assert "server_tokens off;" in NGINX


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_services_have_the_least_rights(unit: object) -> None:
    from pathlib import Path

    assert isinstance(unit, Path)
    text = unit.read_text(encoding="utf-8")
    for words in ("User=pulse", "NoNewPrivileges=yes", "CapabilityBoundingSet=\n", "ProtectSystem=strict"):
        assert words in text, words
    assert "PULSE_SECRET_KEY=" not in text  # secrets come from a file of the service's account
