"""From tracks of pictures to one HTML page that shows them in step, on one timeline, without server or network."""

from nst_viz.app.parts.synced.page import Curve as Curve
from nst_viz.app.parts.synced.page import Timeline as Timeline
from nst_viz.app.parts.synced.page import Track as Track
from nst_viz.app.parts.synced.page import synced_html as synced_html
