"""Keys, certificates, CMS and PAdES signatures, verdicts. The only room that knows cryptography.

Never reads the clock, the disk or the network: moments and bytes come in as arguments. Importing this package loads no
library; pyHanko (265 ms) is loaded by the first PDF that is signed or verified.
"""
