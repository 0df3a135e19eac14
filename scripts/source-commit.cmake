# Writes ${TO}, a header that names the commit of ${SOURCE}: "458fd30c1a2b", with "-dirty" where files differ from it, empty
# outside a git checkout. Touches the file only when the name changes, so that nothing is compiled anew in vain.
# A checkout of another user (`sudo ./dev test`) is read too: it is only described, and it is being built anyway.
execute_process(COMMAND git -c safe.directory=* -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "")
endif()
set(text "#define STELLATE_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${TO})
  file(READ ${TO} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${TO} "${text}")
endif()
