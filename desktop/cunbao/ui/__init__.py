"""The window. Screens show what desks say and call them; no rule of the trade lives here. The only room with Qt."""
