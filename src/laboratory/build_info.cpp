#include "laboratory/build_info.hpp"

#include "source_commit.hpp"  // written by the build

#ifndef STELLATE_VERSION
#define STELLATE_VERSION "0.1.0"
#endif
#ifndef STELLATE_FLAGS
#define STELLATE_FLAGS ""
#endif
#ifndef STELLATE_BUILD_TYPE
#define STELLATE_BUILD_TYPE ""
#endif

namespace stellate::build_info {

const char* const version = STELLATE_VERSION;
const char* const commit = STELLATE_COMMIT;
#if defined(__clang__)
const char* const compiler = "clang " __clang_version__;
#else
const char* const compiler = "gcc " __VERSION__;
#endif
const char* const flags = STELLATE_FLAGS;
const char* const build_type = STELLATE_BUILD_TYPE;

}  // namespace stellate::build_info
