package config

import (
	"fmt"
	"reflect"
)

var zoneType = reflect.TypeFor[Zone]()

// settler is a value with local times.
type settler interface{ settle(Zone) error }

// settle works out every local time within a value, each in the zone that is
// closest around it. It runs when the whole file is read: a zone may stand
// below the times that it is for.
func (d *decoder) settle(v reflect.Value, path string, zone Zone) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			d.settle(v.Elem(), path, zone)
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.settle(v.Index(i), fmt.Sprintf("%s[%d]", path, i), zone)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			item := reflect.New(v.Type().Elem()).Elem() // what is in a map can't be changed in place
			item.Set(v.MapIndex(key))
			d.settle(item, join(path, key.String()), zone)
			v.SetMapIndex(key, item)
		}
	case reflect.Struct:
		d.settleGroup(v, path, zone)
	}
}

func (d *decoder) settleGroup(v reflect.Value, path string, zone Zone) {
	if at, ok := v.Addr().Interface().(settler); ok {
		if err := at.settle(zone); err != nil && !d.touchesBroken(path) {
			d.wrong(d.nearest(path, place{line: 1, column: 1}), path, err)
		}
		return
	}
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		if own := v.FieldByIndex(f.index); own.Type() == zoneType && own.Interface().(Zone).Given() {
			zone = own.Interface().(Zone)
		}
	}
	for _, f := range fields {
		d.settle(v.FieldByIndex(f.index), join(path, f.name), zone)
	}
}
