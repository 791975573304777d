#!/bin/sh
# Fetches Debian's Chinese fonts into one folder, without root and without installing any package.
#   docker/fonts.sh FOLDER        then set SANJI_FONTS_DIR=FOLDER
# fonts-noto-cjk and fonts-lxgw-wenkai are OFL-1.1; Fandol is GPL-3 with the font exception. Only three files
# are taken out of texlive-lang-chinese, which is otherwise TeX.
set -eu

target=${1:?usage: docker/fonts.sh FOLDER}
mkdir -p "$target"
target=$(cd "$target" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download fonts-noto-cjk fonts-lxgw-wenkai texlive-lang-chinese

# take PACKAGE PATTERN...: the files of one package whose path matches, laid flat into the target folder.
take() {
    package=$1
    shift
    mkdir -p "$work/$package"
    dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x -C "$work/$package" --wildcards "$@"
    find "$work/$package" -type f \( -name '*.otf' -o -name '*.ttf' -o -name '*.ttc' \) -exec cp {} "$target" \;
}

take fonts-noto-cjk '*/NotoSansCJK-Regular.ttc' '*/NotoSansCJK-Bold.ttc' \
    '*/NotoSerifCJK-Regular.ttc' '*/NotoSerifCJK-Bold.ttc'
take fonts-lxgw-wenkai '*/LXGWWenKai-Light.ttf' '*/LXGWWenKai-Regular.ttf'
take texlive-lang-chinese '*/FandolFang-Regular.otf' '*/FandolKai-Regular.otf' '*/FandolSong-Regular.otf'

ls -l "$target"
