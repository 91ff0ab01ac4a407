"""From a run to one HTML page that plays it: pictures, timeline and losses in one file, without server or network."""

from nst_viz.render.player.page import player_html as player_html
from nst_viz.render.player.page import write_player as write_player
