# SPDX-License-Identifier: MIT
"""The wire protocols as data, and what is generated from them."""
