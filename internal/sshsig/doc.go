// Package sshsig signs git's commits with an SSH key, as `ssh-keygen -Y sign -n git` does:
// https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
//
// It takes Ed25519 alone. Such a signature is the same each time, so that the same commit
// signed again keeps its id.
package sshsig
