"""The static portal: pages and pointers as plain files beside the versions in the lake's public tree.

public/index.html en.html catalog.json assets/     the catalog, derived from every dataset's latest.json
public/<id>/v1.2.3/                                 a version; the lake puts it there before it is published
public/<id>/releases/<hash>/                        one state of the dataset's pages, named by its content
    index.html en.html latest.json latest -> ../../v1.2.3
public/<id>/release -> releases/<hash>              the one pointer; a release is the one rename of this link
public/<id>/index.html -> release/index.html        stable addresses, made once; so are en.html, latest, latest.json
"""

from apendata.portals.site.portal import SitePortal

__all__ = ["SitePortal"]
