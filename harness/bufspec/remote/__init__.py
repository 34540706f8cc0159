"""Subjects in other processes, in any language: messages are lines of JSON, in and out."""
