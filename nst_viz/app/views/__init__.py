"""One module a page: widgets, one call, display. (A folder called `pages` would be taken by Streamlit as scripts.)"""
