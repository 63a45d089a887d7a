# Warnings and sanitizers of our own targets; nothing here reaches a dependency.
add_library(smartlic_options INTERFACE)
target_compile_options(smartlic_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(SMARTLIC_SANITIZE)
  target_compile_options(smartlic_options INTERFACE
    -fsanitize=${SMARTLIC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  target_link_options(smartlic_options INTERFACE -fsanitize=${SMARTLIC_SANITIZE})
endif()

find_program(SMARTLIC_CCACHE ccache)
if(SMARTLIC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SMARTLIC_CCACHE}")
endif()

# One static library per room (DESIGN 3): `smartlic_room(rules LINK foundation)` takes every .cpp of cpp/rules.
# A room sees another room's symbols only if it links it, so the linker enforces the arrows too.
function(smartlic_room name)
  cmake_parse_arguments(ROOM "" "PATH" "LINK" ${ARGN})
  if(NOT ROOM_PATH)
    set(ROOM_PATH ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${ROOM_PATH}/*.cpp")
  if(NOT sources)  # a room not yet furnished
    add_library(smartlic_${name} INTERFACE)
    target_link_libraries(smartlic_${name} INTERFACE ${ROOM_LINK})
    return()
  endif()
  add_library(smartlic_${name} STATIC ${sources})
  target_include_directories(smartlic_${name} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(smartlic_${name} PRIVATE smartlic_options PUBLIC ${ROOM_LINK})
endfunction()
