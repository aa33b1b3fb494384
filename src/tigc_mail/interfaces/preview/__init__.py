"""The preview: a page on this machine that shows what each audience will see, while one writes.

`studio` renders and remembers, `answers` puts it into words for the page, `app` says which address
gives what, `gate` who may ask, `live` tells the page of changed files, `server` runs it all. The
page itself is in `static/`, as it is sent: plain modules, nothing to build.
"""
