# What bsd.port.mk of the ports tree does for a port like this one, on a Linux host: checks the distribution files against
# distinfo, extracts, builds, and installs into a stage directory. Found by 'bmake -m'.
OPSYS?=		FreeBSD
OSREL?=		14.3
ARCH?=		amd64
PREFIX?=	/usr/local
LOCALBASE?=	/usr/local
DISTDIR?=	/usr/ports/distfiles
WRKDIRPREFIX?=	${.CURDIR}
WRKDIR=		${WRKDIRPREFIX}/work
STAGEDIR=	${WRKDIR}/stage
DISTNAME=	${PORTNAME}-${DISTVERSION}
EXTRACT_SUFX=	.tar.gz
WRKSRC=		${WRKDIR}/${DISTNAME}
FILESDIR=	${.CURDIR}/files
DOCSDIR=	${PREFIX}/share/doc/${PORTNAME}
EXAMPLESDIR=	${PREFIX}/share/examples/${PORTNAME}

CP=		cp
ECHO_CMD=	echo
ECHO_MSG=	echo
FALSE=		false
GREP=		grep
MKDIR=		mkdir -p
READELF?=	readelf
SED=		sed
SETENV=		env
INSTALL_PROGRAM=install -s -m 555
INSTALL_SCRIPT=	install -m 555
INSTALL_DATA=	install -m 0644
INSTALL_MAN=	install -m 0644
REINPLACE_CMD=	sed -i.bak
SH=		sh
CC?=		cc
MAKE_JOBS_NUMBER?=	2
MAKE_ENV=	HOME=${WRKDIR} PREFIX=${PREFIX} LOCALBASE=${LOCALBASE} CC="${CC}" LDFLAGS="${LDFLAGS}" \
		BSD_INSTALL_PROGRAM="${INSTALL_PROGRAM}" BSD_INSTALL_SCRIPT="${INSTALL_SCRIPT}" \
		BSD_INSTALL_DATA="${INSTALL_DATA}" BSD_INSTALL_MAN="${INSTALL_MAN}"

.MAIN: stage

checksum:
.for file in ${DISTFILES:C/:.*//}
	@want=$$(sed -n 's|^SHA256 (${DIST_SUBDIR}/${file}) = ||p' ${DISTINFO:U${.CURDIR}/distinfo}); \
	have=$$(sha256sum ${DISTDIR}/${DIST_SUBDIR}/${file} | cut -d ' ' -f 1); \
	[ "$$want" = "$$have" ] || { echo "checksum of ${file}: distinfo has '$$want', the file has $$have" >&2; exit 1; }
.endfor

do-extract: checksum
	@mkdir -p ${WRKDIR}
.for file in ${EXTRACT_ONLY}
	@tar -xzf ${DISTDIR}/${DIST_SUBDIR}/${file} -C ${WRKDIR}
.endfor

extract: do-extract
patch: extract .WAIT post-patch
build: patch .WAIT do-build .WAIT post-build

# The port has no do-install of its own: this one is the tree's.
do-install:
	cd ${WRKSRC} && ${SETENV} ${MAKE_ENV} ${MAKE} ${MAKE_ARGS} DESTDIR=${STAGEDIR} install

# SUB_FILES, and the rc.d scripts of USE_RC_SUBR.
apply-slist:
	@mkdir -p ${WRKDIR}
.for file in ${SUB_FILES} ${USE_RC_SUBR}
	@sed -e 's|%%PREFIX%%|${PREFIX}|g' -e 's|%%LOCALBASE%%|${LOCALBASE}|g' -e 's|%%EXAMPLESDIR%%|${EXAMPLESDIR}|g' \
		${FILESDIR}/${file}.in > ${WRKDIR}/${file}
	@! grep -n '%%' ${WRKDIR}/${file}
.endfor

stage-dir:
	@mkdir -p ${STAGEDIR}${PREFIX}/etc/rc.d ${STAGEDIR}${PREFIX}/sbin ${STAGEDIR}${PREFIX}/libexec \
		${STAGEDIR}${PREFIX}/share/man/man5 ${STAGEDIR}${PREFIX}/share/man/man8

.for option in ${OPTIONS_DEFINE}
.  if target(post-install-${option}-on)
OPTION_TARGETS+=	post-install-${option}-on
.  endif
.endfor

install-rc-script:
.for file in ${USE_RC_SUBR}
	@install -m 555 ${WRKDIR}/${file} ${STAGEDIR}${PREFIX}/etc/rc.d/${file}
.endfor

compress-man:
	@find ${STAGEDIR}${PREFIX}/share/man -type f ! -name '*.gz' -exec gzip -9n {} +

# What the tree does with LICENSE_FILE_NAME.
install-license:
.for license in ${LICENSE}
	@mkdir -p ${WRKDIR}/licenses
	@cp ${LICENSE_FILE_${license}} ${WRKDIR}/licenses/${license}
.endfor

test: do-test

stage: apply-slist install-license stage-dir .WAIT do-install .WAIT post-install .WAIT ${OPTION_TARGETS} install-rc-script .WAIT compress-man
