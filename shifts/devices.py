"""Which device somebody clocked in with, in few words: enough to notice a foreign one, too little to follow anybody."""

# The first that is found counts: every browser names others too, to be served like them.
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
LONGEST_READ = 500


def device_of(user_agent: str) -> str:
    """Browser and system that a user agent names: "Chrome · Windows"; only what is known of them, "" for neither."""
    text = user_agent[:LONGEST_READ]
    found = (next((name for sign, name in known if sign in text), "") for known in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, found))
