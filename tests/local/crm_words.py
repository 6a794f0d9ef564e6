"""The words the demo association is made of: names of people, companies, lists and memberships."""

from __future__ import annotations

# Every first and last name stands beside its form in an e-mail address.
FIRST_NAMES = {
    "Alice": "alice", "Amara": "amara", "Benjamin": "benjamin", "Carlos": "carlos", "Chloë": "chloe",
    "Daniel": "daniel",
    "Diego": "diego", "Elena": "elena", "Emma": "emma", "Fatima": "fatima", "Frank": "frank", "Grace": "grace",
    "Hannah": "hannah", "Hiroshi": "hiroshi", "Ingrid": "ingrid", "Isabel": "isabel", "James": "james",
    "Jean-Luc": "jean-luc", "José": "jose", "Karen": "karen", "Kwame": "kwame", "Laura": "laura", "Liam": "liam",
    "Linda": "linda", "María": "maria", "Mark": "mark", "Mary Ann": "maryann", "Mei": "mei", "Michael": "michael",
    "Mohammed": "mohammed", "Nadia": "nadia", "Nguyễn": "nguyen", "Olivia": "olivia", "Patricia": "patricia",
    "Priya": "priya", "Robert": "robert", "Samuel": "samuel", "Siobhán": "siobhan", "Sofia": "sofia", "Susan": "susan",
    "Søren": "soren", "Thomas": "thomas", "Uchenna": "uchenna", "Victor": "victor", "Wei": "wei", "Yuki": "yuki",
    "Zoë": "zoe", "Łukasz": "lukasz",
}  # fmt: skip
LAST_NAMES = {
    "Adams": "adams", "Andersson": "andersson", "Baker": "baker", "Brown": "brown", "Chen": "chen", "Clark": "clark",
    "D'Angelo": "dangelo", "Davis": "davis", "Dvořák": "dvorak", "Evans": "evans", "Fernández": "fernandez",
    "Fischer": "fischer", "García": "garcia", "Green": "green", "Hall": "hall", "Haddad": "haddad", "Harris": "harris",
    "Hughes": "hughes", "Ivanova": "ivanova", "Jackson": "jackson", "Johnson": "johnson", "Kim": "kim", "King": "king",
    "Kowalski": "kowalski", "Lee": "lee", "Lewis": "lewis", "Lopez": "lopez", "Martin": "martin", "Miller": "miller",
    "Moore": "moore", "Müller": "muller", "Murphy": "murphy", "Nakamura": "nakamura", "O'Brien": "obrien",
    "Okafor": "okafor", "Patel": "patel", "Peterson": "peterson", "Reyes": "reyes", "Rossi": "rossi", "Scott": "scott",
    "Silva": "silva", "Singh": "singh", "Smith": "smith", "St. John": "stjohn", "Taylor": "taylor", "Tran": "tran",
    "van der Berg": "vanderberg", "Walker": "walker", "Williams": "williams", "Wright": "wright", "Young": "young",
    "Zhang": "zhang",
}  # fmt: skip

# Names that break what was tested on plain ones only: right to left, emoji, combining marks, quotes, very long.
ODD_FIRST_NAMES = [
    "محمد",
    "שרה",
    "فاطمة",
    "Zoë 🌟",
    "👩‍🔬 Ada",
    "Ame\u0301lie",
    'Robert "Bob"',
    "X Æ A-12",
    "Anne\tMarie",
]
ODD_LAST_NAMES = [
    "عبد الرحمن", "כהן", "O'Connor; Jr.", "Smith, PhD", "佐藤", "Кузнецова", "Wolfeschlegelsteinhausenbergerdorff-" * 7,
    "de la Santísima Trinidad y Ruiz-Picasso", "Null",
]  # fmt: skip

COMPANY_STARTS = [
    "Blue Ridge", "Capitol", "Cedar Valley", "Coastal", "Evergreen", "First Street", "Granite", "Harbor", "Heartland",
    "Keystone", "Lakeside", "Liberty", "Maple", "Northern", "Pioneer", "Prairie", "Riverside", "Summit", "Tri-County",
    "Union",
]  # fmt: skip
COMPANY_TRADES = [
    "Accounting", "Bank", "Builders", "Consulting", "Dental", "Electric", "Foods", "Health", "Insurance", "Logistics",
    "Manufacturing", "Realty", "Software", "Supply", "Veterinary",
]  # fmt: skip
COMPANY_ENDS = ["Inc.", "LLC", "& Sons", "Co.", "Group", "Partners"]
JOB_TITLES = ["Owner", "President", "Office Manager", "Director of Marketing", "Engineer", "Bookkeeper", "Counsel", ""]
CITIES = [
    ("Springfield", "IL", "62701"), ("Portland", "OR", "97201"), ("Portland", "ME", "04101"), ("Austin", "TX", "78701"),
    ("Burlington", "VT", "05401"), ("Raleigh", "NC", "27601"), ("Boise", "ID", "83702"), ("Madison", "WI", "53703"),
]  # fmt: skip
COMMITTEE_ROLES = ["Chair", "Vice Chair", "Secretary", "Member", "Member", "Member"]
MEMBERSHIP_TYPES = [
    "Individual", "Student", "Retired", "Small Business", "Corporate", "Corporate Plus", "Nonprofit", "Honorary",
]  # fmt: skip

# name, kind, synchronized, share of all contacts who are in it
LISTS = [
    ("Weekly Newsletter", "list", True, 0.60),
    ("Board of Directors", "committee", True, 0.006),
    ("Events and Webinars", "list", True, 0.35),
    ("Legislative Alerts", "list", True, 0.20),
    ("Staff Notes (internal)", "list", False, 0.02),
    ("Membership Committee", "committee", True, 0.008),
    ("Annual Conference 2026", "list", True, 0.25),
    ("Finance & Audit Committee", "committee", False, 0.005),
    ("New Members", "list", True, 0.08),
    ("Sponsors and Exhibitors", "list", True, 0.05),
    ("Young Professionals", "list", True, 0.10),
    ("Women in Leadership", "list", True, 0.07),
    ("Lapsed Members (do not mail)", "list", False, 0.12),
    ("Government Affairs Committee", "committee", True, 0.007),
    ("Job Board Digest", "list", True, 0.0),
    ("Volunteers", "list", True, 0.06),
    ("Scholarship Fund Donors", "list", True, 0.03),
    ("Bylaws Task Force", "committee", False, 0.003),
    ("Press and Media", "list", True, 0.01),
    ("Past Presidents", "committee", True, 0.002),
]
