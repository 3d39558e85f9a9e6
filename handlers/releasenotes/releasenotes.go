package releasenotes

// Name is the capability's name: its section of the policy and its keys.
const Name = "releasenotes"

// CheckName is the name of the check run.
const CheckName = "slipway/release-notes"

// AnnotationTitle is what an annotation of a finding is called.
const AnnotationTitle = "Release note"
