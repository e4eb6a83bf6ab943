"""Webhooks go outwards: no address, spelling or name leads them into the organisation's own network."""

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.webhooks import guard

INWARDS = """
    127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
    100.64.0.1 100.127.255.255 192.0.0.170 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 192.88.99.1 :: ::1 fe80::1 fc00::1 fd12:3456::1
    ff02::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 ::8.8.8.8
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2002:808:808:: 2001::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 3fff::1 100::1 fe80::1%1 2606:4700::1111%1
    5f00::1
"""
OUTWARDS = ["8.8.8.8", "1.1.1.1", "185.199.108.153", "2606:4700:4700::1111", "2a00:1450:4007:80e::200e"]
NOT_ADDRESSES = [
    "",
    "https://",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "javascript:alert(1)",
    "http://example.org/",
    "//example.org/",
    "example.org",
    "https://user:password@example.org/",
    "https://example.org@127.0.0.1/",
    "https://example.org/#there",
    "https://example.org:25/",
    "https://example.org:22/",
    "https://example.org:80/",
    "https://example.org:0/",
    "https://example.org:99999/",
    "https://example.org:port/",
    "https://exa mple.org/",
    "https://example.org/a b",
    "https://example.org/\r\nHost: inside",
    "https://example.org/\nX: y",
    "https://example.org\\@127.0.0.1/",
    "https://example..org/",
    "https://-example.org/",
    "https://exam_ple.org\u0000/",
    "https://example.org/é",
    "https://[::1/",
    "https://[fe80::1%25eth0]x/",
    "https://" + "a" * 64 + ".org/",
    "https://example.org/" + "a" * 500,
]


@pytest.mark.parametrize("address", INWARDS.split())
def test_addresses_of_ones_own_are_not_public(address):
    assert not guard.is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTWARDS)
def test_addresses_of_the_internet_are_public(address):
    assert guard.is_public(ip_address(address))


@given(st.ip_addresses())
def test_what_is_not_global_is_never_public_nor_is_what_hides_another_address(address):
    public = guard.is_public(address)
    assert not public or address.is_global
    if address.version == 6 and public:
        assert address in ip_network("2000::/3")
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


@pytest.mark.parametrize("url", NOT_ADDRESSES)
def test_what_cannot_be_an_address_is_refused(url):
    with pytest.raises(guard.NotAnAddress):
        guard.target(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://10.1.2.3:8443/",
    ]
    + [f"https://[{address}]/" for address in ("::ffff:8.8.8.8", "64:ff9b::808:808", "fe80::1%25eth0")],
)
def test_addresses_written_out_that_lead_inwards_are_refused_as_such(url):
    with pytest.raises(guard.Inwards):
        guard.target(url)


def test_an_address_is_taken_apart_as_it_is_asked_for_later():
    assert guard.target("https://News.Example.org/a/b?c=d&e=%20") == guard.Target(
        "https", "news.example.org", 443, "/a/b?c=d&e=%20", False
    )
    assert guard.target("https://bücher.example:8443").host_header == "xn--bcher-kva.example:8443"
    assert guard.target("https://[2606:4700::1111]/").host_header == "[2606:4700::1111]"


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name lead to these addresses; the names that are asked for from now on."""
    asked = []

    def told(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", told)
    return asked


@pytest.mark.parametrize("name", ["inside.example.org", "127.1", "2130706433", "0x7f.0.0.1", "017700000001"])
def test_a_name_that_leads_inwards_is_refused_however_it_is_spelled(monkeypatch, name):
    leads_to(monkeypatch, "127.0.0.1")
    with pytest.raises(guard.Inwards):
        guard.addresses(guard.target(f"https://{name}/"))


def test_a_name_of_which_one_address_leads_inwards_is_refused_whole(monkeypatch):
    leads_to(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(guard.Inwards):
        guard.addresses(guard.target("https://example.org/"))


def test_a_name_that_leads_nowhere_is_said_to_do_so(monkeypatch):
    leads_to(monkeypatch)
    with pytest.raises(guard.NoSuchName):
        guard.addresses(guard.target("https://example.org/"))


def test_what_the_operator_names_may_be_inside_but_never_a_clouds_own_address(monkeypatch):
    inwards = ("https://chat.intern.example:8443", "http://127.0.0.1:9000")
    leads_to(monkeypatch, "10.0.0.7")
    named = guard.target("https://Chat.intern.example:8443/hook", inwards)
    assert [str(address) for address in guard.addresses(named)] == ["10.0.0.7"]
    assert guard.target("http://127.0.0.1:9000/hook", inwards).named
    for url in (
        "https://chat.intern.example/hook",
        "http://127.0.0.1:9001/",
        "http://chat.intern.example:8443/",
    ):
        with pytest.raises(guard.NotAnAddress):
            guard.addresses(guard.target(url, inwards))
    for address in ("169.254.169.254", "224.0.0.1", "100.64.0.1", "::ffff:10.0.0.7"):
        leads_to(monkeypatch, address)
        with pytest.raises(guard.Inwards):
            guard.addresses(named)
