package build

// maxFault is how much of a fault is shown, in characters.
const maxFault = 300
