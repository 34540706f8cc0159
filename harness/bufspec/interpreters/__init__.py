"""Which interpreters are on this machine, and how are subjects judged in one that is not the driver's?"""
