#!/bin/sh
# The layers of docs/architecture.md, held: a folder of src/ includes only folders below it.
# Usage: layers.sh SOURCE_DIR
set -eu
cd "$1/src"

# folder: folders it may include
table='
core:
storage: core
tissue: core
fields: core
mechanics: tissue core
matrix: tissue core
vessels: tissue core
immune: tissue core
rules: core
model: rules fields mechanics matrix vessels core
treatment: core
liver: model tissue core
simulation: storage treatment liver model rules immune vessels matrix mechanics fields tissue core
histology: simulation tissue core
statistics: core
laboratory: statistics histology simulation storage treatment liver model rules vessels matrix tissue core
report: laboratory statistics histology model core
verification: laboratory simulation storage treatment liver model rules immune vessels matrix mechanics fields tissue core
'
bad=0
for folder in */; do
  folder=${folder%/}
  allowed=$(printf '%s' "$table" | sed -n "s/^$folder://p")
  printf '%s' "$table" | grep -q "^$folder:" || { echo "src/$folder is not in the table of layers"; bad=1; continue; }
  for included in $(grep -rhoE '^#include "[a-z_]+/' "$folder" | sed 's/.*"//; s,/,,' | sort -u); do
    case " $allowed $folder " in
      *" $included "*) ;;
      *) bad=1
         echo "src/$folder must not include src/$included:"
         grep -rnE "^#include \"$included/" "$folder" ;;
    esac
  done
done
[ "$bad" = 0 ] && echo "layers hold"
exit "$bad"
