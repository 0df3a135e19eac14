// What the program was built with. The values come from the build system (build_info.cpp is compiled with them).
#pragma once

namespace stellate::build_info {

extern const char* const version;
extern const char* const commit;    // of the source, "-dirty" where files differ from it; empty if not known
extern const char* const compiler;  // name and version
extern const char* const flags;
extern const char* const build_type;

}  // namespace stellate::build_info
