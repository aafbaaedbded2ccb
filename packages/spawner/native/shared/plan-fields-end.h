/* To be included after plan-fields.def: ends the meanings that its rows were given. */
#undef TEXTS
#undef TEXT
#undef VALUE
#undef LIST
#undef FD
#undef STDIO
#undef PASSED
#undef PASSED_LIST
#undef MARK
