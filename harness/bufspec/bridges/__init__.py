"""Other interfaces by which an exporter's objects offer their memory: do they agree with the buffer?"""
